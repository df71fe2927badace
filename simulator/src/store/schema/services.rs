//! Configuration items that are no machines: services, applications, databases, virtual machines,
//! storage (wire-core 6; classes and columns that it does not name are *assumed*).

use super::{Choices, Table, boolean, child, choice, decimal, int, reference, text};

const VM_STATE: Choices = &[
    ("on", "On"),
    ("off", "Off"),
    ("suspended", "Suspended"),
    ("terminated", "Terminated"),
];

pub(super) static TABLES: &[Table] = &[
    child(
        "cmdb_ci_service",
        "Business Service",
        "cmdb_ci",
        &[
            choice(
                "busines_criticality",
                &[
                    ("1 - most critical", "1 - most critical"),
                    ("2 - somewhat critical", "2 - somewhat critical"),
                    ("3 - less critical", "3 - less critical"),
                ],
            ),
            text("service_classification").or("Business Service"),
            text("version"),
        ],
    ),
    child(
        "cmdb_ci_appl",
        "Application",
        "cmdb_ci",
        &[text("version"), text("running_process")],
    ),
    child(
        "cmdb_ci_service_auto",
        "Application Service",
        "cmdb_ci_service",
        &[],
    ),
    child(
        "cmdb_ci_service_discovered",
        "Mapped Application Service",
        "cmdb_ci_service_auto",
        &[],
    ),
    child(
        "service_offering",
        "Offering",
        "cmdb_ci_service",
        &[reference("parent", "cmdb_ci_service")],
    ),
    child(
        "cmdb_ci_database",
        "Database",
        "cmdb_ci_appl",
        &[text("type")],
    ),
    child(
        "cmdb_ci_db_instance",
        "Database Instance",
        "cmdb_ci_database",
        &[text("instance_name"), text("edition"), text("service_name")],
    ),
    child(
        "cmdb_ci_db_mssql_instance",
        "MSFT SQL Instance",
        "cmdb_ci_db_instance",
        &[],
    ),
    child(
        "cmdb_ci_db_ora_instance",
        "Oracle Instance",
        "cmdb_ci_db_instance",
        &[text("sid")],
    ),
    child(
        "cmdb_ci_db_mysql_instance",
        "MySQL Instance",
        "cmdb_ci_db_instance",
        &[],
    ),
    child("cmdb_ci_web_server", "Web Server", "cmdb_ci_appl", &[]),
    child(
        "cmdb_ci_vm_object",
        "Virtual Machine Object",
        "cmdb_ci",
        &[text("object_id")],
    ),
    child(
        "cmdb_ci_vm_instance",
        "Virtual Machine Instance",
        "cmdb_ci_vm_object",
        &[
            text("vm_inst_id"),
            choice("state", VM_STATE),
            int("cpus"),
            int("memory"),
            int("disks"),
            int("disks_size"),
            int("nics"),
            text("guest_os_fullname"),
        ],
    ),
    child(
        "cmdb_ci_vmware_instance",
        "VMware Virtual Machine Instance",
        "cmdb_ci_vm_instance",
        &[
            text("bios_uuid"),
            text("instance_uuid"),
            text("guest_id"),
            boolean("template"),
        ],
    ),
    child(
        "cmdb_ci_cluster",
        "Cluster",
        "cmdb_ci",
        &[
            text("cluster_id"),
            text("cluster_type"),
            text("cluster_version"),
        ],
    ),
    child(
        "cmdb_ci_network_adapter",
        "Network Adapter",
        "cmdb_ci",
        &[
            reference("cmdb_ci", "cmdb_ci"),
            text("netmask"),
            text("alias"),
            boolean("virtual"),
        ],
    ),
    child(
        "cmdb_ci_ip_address",
        "IP Address",
        "cmdb_ci",
        &[reference("nic", "cmdb_ci"), text("netmask")],
    ),
    child(
        "cmdb_ci_storage_device",
        "Storage Device",
        "cmdb_ci",
        &[
            reference("computer", "cmdb_ci"),
            text("storage_type"),
            decimal("size_bytes"),
            text("device_id"),
        ],
    ),
    child(
        "cmdb_ci_disk",
        "Disk",
        "cmdb_ci_storage_device",
        &[decimal("disk_space")],
    ),
    child(
        "cmdb_ci_storage_volume",
        "Storage Volume",
        "cmdb_ci",
        &[
            reference("computer", "cmdb_ci"),
            decimal("size_bytes"),
            text("volume_id"),
        ],
    ),
    child(
        "cmdb_ci_file_system",
        "File System",
        "cmdb_ci_storage_volume",
        &[text("mount_point"), text("file_system")],
    ),
];
