//! What is known of the truth of the tables themselves.

use crate::fidelity::{Behaviour, Chapter, Standing};

/// Tables and columns, and what an instance does to values by itself.
pub(crate) const CHAPTER: Chapter = Chapter {
    title: "Tables and columns",
    behaviours: &[
        Behaviour {
            what: "columns of task, incident, problem, change_request, cmdb_ci, cmdb_ci_server, users, roles and groups as read from real instances",
            standing: Standing::Observed,
            source: "wire-core 6",
        },
        Behaviour {
            what: "defaults of a new incident",
            standing: Standing::Observed,
            source: "wire-core 6",
        },
        Behaviour {
            what: "the table's own row of sys_dictionary has no element and the type collection; internal_type refers to sys_glide_object by name",
            standing: Standing::Observed,
            source: "wire-core 6",
        },
        Behaviour {
            what: "a sys_scope that is given is stored as global",
            standing: Standing::Observed,
            source: "wire-core 5",
        },
        Behaviour {
            what: "a staging table imp_user with a transform map to sys_user",
            standing: Standing::Documented,
            source: "wire-core 4.3",
        },
        Behaviour {
            what: "columns of imp_user, of transform maps and of import sets beyond those in the documented answer; imp_user finds users by user_name",
            standing: Standing::Assumed,
            source: "wire-core 4.3",
        },
        Behaviour {
            what: "classes of configuration items beside those named, and what they extend; cmdb_ci extends nothing",
            standing: Standing::Assumed,
            source: "wire-core 6",
        },
        Behaviour {
            what: "which tables extend sys_metadata; sys_name is the display value, sys_update_name is made of table and sys_id",
            standing: Standing::Assumed,
            source: "wire-core 6",
        },
        Behaviour {
            what: "tables that are only referred to hold what a reference needs",
            standing: Standing::Assumed,
            source: "wire-core 6",
        },
        Behaviour {
            what: "a text longer than a column of a set-up's own says it holds is cut; mandatory and read_only are shown and not enforced",
            standing: Standing::Assumed,
            source: "no source",
        },
        Behaviour {
            what: "values of sys_properties, the build's name and date among them",
            standing: Standing::Assumed,
            source: "wire-core 6 names the properties",
        },
        Behaviour {
            what: "a record bears the time at which its transaction began, and is seen when it is over (`begun` of a step)",
            standing: Standing::Assumed,
            source: "no source",
        },
        Behaviour {
            what: "a deleted record leaves a row in sys_audit_delete with the name of its own class, its sys_id and when",
            standing: Standing::Observed,
            source: "snowloader 0.8.1, which reads it from real instances",
        },
        Behaviour {
            what: "deletions from tables with a sys_ prefix are not audited unless glide.ui.audit_deleted_tables lists them",
            standing: Standing::Documented,
            source: "Enable auditing for a system table",
        },
        Behaviour {
            what: "every other table audits its deletions; display_value is the stored value of the display column; only admin reads them; nothing is pruned",
            standing: Standing::Assumed,
            source: "Exploring Auditing, Use the Deleted Records module",
        },
        Behaviour {
            what: "columns and rows of sys_update_set, sys_update_xml, sys_user_preference, sys_script_client, sys_script_include, sys_ui_policy, sys_ui_policy_action, sys_data_policy2 and sys_data_policy_rule, and that only admin reads them, preferences aside",
            standing: Standing::Assumed,
            source: "wire-core 6 does not name them",
        },
        Behaviour {
            what: "max_length, where no captured row shows it",
            standing: Standing::Assumed,
            source: "wire-core 6",
        },
    ],
};
