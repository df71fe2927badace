//! Problems and changes, with their tasks (wire-core 6; choices as measured, wire-core 2.5; labels
//! as shipped by ServiceNow, *assumed* where no capture shows them).

use super::task::CATEGORY;
use super::{
    Choices, Table, boolean, child, choice, datetime, int, list, numbered, reference, text,
};

const PROBLEM_STATE: Choices = &[
    ("101", "New"),
    ("102", "Assess"),
    ("103", "Root Cause Analysis"),
    ("104", "Fix in Progress"),
    ("106", "Resolved"),
    ("107", "Closed"),
];
const CHANGE_STATE: Choices = &[
    ("-5", "New"),
    ("-4", "Assess"),
    ("-3", "Authorize"),
    ("-2", "Scheduled"),
    ("-1", "Implement"),
    ("0", "Review"),
    ("3", "Closed"),
    ("4", "Canceled"),
];

pub(super) static TABLES: &[Table] = &[
    child(
        "problem",
        "Problem",
        "task",
        &[
            numbered("state", PROBLEM_STATE).or("101"),
            numbered("problem_state", PROBLEM_STATE).or("101"),
            choice("category", CATEGORY),
            text("subcategory"),
            text("cause_notes").typed("html"),
            text("fix_notes").typed("html"),
            text("workaround").typed("html"),
            boolean("workaround_applied"),
            datetime("workaround_communicated_at"),
            reference("workaround_communicated_by", "sys_user"),
            datetime("confirmed_at"),
            reference("confirmed_by", "sys_user"),
            reference("duplicate_of", "problem"),
            reference("first_reported_by_task", "task"),
            datetime("fix_communicated_at"),
            reference("fix_communicated_by", "sys_user"),
            boolean("known_error"),
            boolean("major_problem"),
            int("related_incidents").or("0"),
            int("reopen_count").or("0"),
            datetime("reopened_at"),
            reference("reopened_by", "sys_user"),
            choice(
                "resolution_code",
                &[
                    ("fix_applied", "Fix Applied"),
                    ("risk_accepted", "Risk Accepted"),
                    ("duplicate", "Duplicate"),
                    ("canceled", "Canceled"),
                ],
            ),
            datetime("resolved_at"),
            reference("resolved_by", "sys_user"),
            text("review_outcome"),
            reference("rfc", "change_request"),
        ],
    )
    .numbered("PRB"),
    child(
        "problem_task",
        "Problem Task",
        "task",
        &[
            reference("problem", "problem"),
            choice(
                "problem_task_type",
                &[("rca", "Root Cause Analysis"), ("general", "General")],
            ),
            text("close_code"),
        ],
    )
    .numbered("PTASK"),
    child(
        "change_request",
        "Change Request",
        "task",
        &[
            numbered("state", CHANGE_STATE).or("-5"),
            text("backout_plan"),
            datetime("cab_date"),
            reference("cab_delegate", "sys_user"),
            text("cab_recommendation"),
            boolean("cab_required"),
            text("category").or("Other"),
            text("change_plan"),
            choice(
                "close_code",
                &[
                    ("successful", "Successful"),
                    ("successful_issues", "Successful with issues"),
                    ("unsuccessful", "Unsuccessful"),
                ],
            ),
            datetime("conflict_last_run"),
            text("conflict_status").or("Not Run"),
            datetime("end_date"),
            text("implementation_plan"),
            text("justification"),
            boolean("on_hold"),
            text("on_hold_reason"),
            list("on_hold_task", "task"),
            boolean("outside_maintenance_schedule"),
            text("phase").or("requested"),
            text("phase_state").or("open"),
            boolean("production_system"),
            text("reason"),
            reference("requested_by", "sys_user"),
            datetime("requested_by_date"),
            text("review_comments"),
            datetime("review_date"),
            text("review_status"),
            numbered("risk", &[("2", "High"), ("3", "Moderate"), ("4", "Low")]).or("4"),
            text("risk_impact_analysis"),
            numbered(
                "scope",
                &[("1", "Massive"), ("2", "Large"), ("3", "Medium")],
            )
            .or("3"),
            datetime("start_date"),
            text("std_change_producer_version"),
            text("test_plan"),
            choice(
                "type",
                &[
                    ("normal", "Normal"),
                    ("standard", "Standard"),
                    ("emergency", "Emergency"),
                ],
            )
            .or("normal"),
        ],
    )
    .numbered("CHG"),
    child(
        "change_task",
        "Change Task",
        "task",
        &[
            reference("change_request", "change_request"),
            choice(
                "change_task_type",
                &[
                    ("planning", "Planning"),
                    ("implementation", "Implementation"),
                    ("testing", "Testing"),
                    ("review", "Review"),
                ],
            ),
            datetime("planned_start_date"),
            datetime("planned_end_date"),
            text("close_code"),
            boolean("on_hold"),
            text("on_hold_reason"),
        ],
    )
    .numbered("CTASK"),
];
