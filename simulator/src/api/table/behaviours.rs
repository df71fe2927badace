//! What the Table API does as an instance does it, and how that is known.

use crate::fidelity::Behaviour;
use crate::fidelity::Standing::{Assumed, Documented, Observed};

pub(in crate::api) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        what: "a list is 200 `{\"result\":[…]}`, empty where nothing matches; on version 1 an empty list is 404",
        standing: Documented,
        source: "wire-core 0 and 1.1, Table API",
    },
    Behaviour {
        what: "the body of version 1's 404 is that of a record that is not there",
        standing: Assumed,
        source: "wire-core 2.1",
    },
    Behaviour {
        what: "the version of the request is echoed in `Link`, `Location` and the links of references, and so is its `Host`",
        standing: Observed,
        source: "wire-core 1.1",
    },
    Behaviour {
        what: "POST is 201 with `Location` and the record, PUT and PATCH are 200 with the whole record, DELETE is 204 without a body",
        standing: Documented,
        source: "wire-core 0",
    },
    Behaviour {
        what: "PUT changes only the columns it names, as PATCH does",
        standing: Assumed,
        source: "wire-core 8",
    },
    Behaviour {
        what: "HEAD is GET without a body",
        standing: Documented,
        source: "wire-core 1.1",
    },
    Behaviour {
        what: "`X-no-response-body: true` makes POST 201 and PUT and PATCH 204, without a body",
        standing: Assumed,
        source: "wire-core 0 and 8",
    },
    Behaviour {
        what: "POST to a record, PUT and PATCH to a table, DELETE of a table and any other method are 405",
        standing: Assumed,
        source: "wire-core 2.1",
    },
    Behaviour {
        what: "parameters that are not known are ignored, and a body on GET is",
        standing: Observed,
        source: "wire-core 1.1",
    },
    Behaviour {
        what: "parameters named like columns filter, by display values too; `sysparm_query` wins over them",
        standing: Documented,
        source: "wire-core 1.1, Table API",
    },
    Behaviour {
        what: "an empty `sysparm_query` does not win over parameters named like columns, and these may not walk",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "booleans among parameters are the text `true`; anything else is false",
        standing: Assumed,
        source: "wire-core 1.4",
    },
    Behaviour {
        what: "`X-Total-Count` counts what matches before access controls, and the limit applies before them",
        standing: Documented,
        source: "wire-core 1.3",
    },
    Behaviour {
        what: "`Link` has first, prev, next and last without spaces; prev is sent on the first page with a negative offset, next not on the last",
        standing: Observed,
        source: "wire-core 1.3",
    },
    Behaviour {
        what: "the parameters of `Link` are as they were sent, with limit and offset moved to the end; the last page is a multiple of the limit",
        standing: Assumed,
        source: "wire-core 1.3",
    },
    Behaviour {
        what: "`Link` is missing where one page holds all",
        standing: Observed,
        source: "wire-core 1.3",
    },
    Behaviour {
        what: "`sysparm_suppress_pagination_header=true` drops `Link`",
        standing: Documented,
        source: "wire-core 1.3, Table API",
    },
    Behaviour {
        what: "`sysparm_no_count=true` drops `X-Total-Count` and with it `Link`",
        standing: Assumed,
        source: "wire-core 1.3",
    },
    Behaviour {
        what: "`sysparm_limit` is 10,000 where it is absent; 0 is 400 `Invalid value given for sysparm_limit`",
        standing: Observed,
        source: "wire-core 1.4, wire-failures 4.13",
    },
    Behaviour {
        what: "a negative limit is refused like 0, one that is no number is as if absent, and one too large for 64 bits is the largest",
        standing: Assumed,
        source: "wire-core 8",
    },
    Behaviour {
        what: "an offset that is negative or no number is 0; one past the end is 200 with an empty list",
        standing: Assumed,
        source: "wire-core 1.3 and 7",
    },
    Behaviour {
        what: "rows that the caller's order leaves equal come in another order at each request",
        standing: Observed,
        source: "wire-failures 0.9",
    },
    Behaviour {
        what: "`sysparm_fields` may walk, and the walk is the key; columns that are not known are left out, spaces and repetitions do no harm",
        standing: Documented,
        source: "wire-core 1.4",
    },
    Behaviour {
        what: "a walk through an empty reference is empty; a row of which no column is known is `{}`",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "`sysparm_view`: `mobile` shows the id, the display column and what the table adds to its parent, any other view shows all columns",
        standing: Assumed,
        source: "wire-core 1.4: no fact says which columns a view has",
    },
    Behaviour {
        what: "`sysparm_query_no_domain` and `sysparm_query_category` change nothing: the instance has one domain and one database",
        standing: Assumed,
        source: "wire-core 1.4",
    },
    Behaviour {
        what: "the six shapes of values by `sysparm_display_value` and `sysparm_exclude_reference_link`",
        standing: Documented,
        source: "wire-core 1.5",
    },
    Behaviour {
        what: "references can have a link, or none, whatever is asked for (switch `reference_shape`)",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "a reference by name has a link such as `…/table/sys_glide_object?name=GUID`",
        standing: Observed,
        source: "wire-core 1.5",
    },
    Behaviour {
        what: "a reference to no record (`glide.maint`, `global`) displays as what it holds",
        standing: Observed,
        source: "wire-core 1.5",
    },
    Behaviour {
        what: "dates display in the user's zone and in `sys_user.date_format` and `time_format`, or else the properties `glide.sys.date_format` and `glide.sys.time_format`",
        standing: Documented,
        source: "wire-core 1.5, 5",
    },
    Behaviour {
        what: "durations display as `1 Day 4 Hours 23 Minutes` and `8 Hours`, integers as `28,800`",
        standing: Observed,
        source: "recorded answers of dev130168, November 2022",
    },
    Behaviour {
        what: "a duration under a minute displays its seconds; decimals display in groups of thousands too",
        standing: Assumed,
        source: "wire-core 5",
    },
    Behaviour {
        what: "a due date that is empty displays as `UNKNOWN` (`activity_due`, `sla_due`)",
        standing: Observed,
        source: "recorded answers of dev130168 and dev129509, 2022",
    },
    Behaviour {
        what: "a journal reads as empty; its display value is the log, the newest entry first: `2022-09-20 23:50:09 - System Administrator (Work notes)`, the text, an empty line",
        standing: Observed,
        source: "recorded answers of dev130168 and dev129509, 2022",
    },
    Behaviour {
        what: "entries of one second come in the order of their columns and ids; the display value of a journal in a walk is the log of the record walked to",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "an empty choice displays as an empty text; the switch `empty_choice` makes it null, as choices of text were recorded",
        standing: Observed,
        source: "wire-core 0; recorded answers of dev129509, 2022",
    },
    Behaviour {
        what: "a password displays as `********` where one is set",
        standing: Observed,
        source: "PySNC's tests against a real instance",
    },
    Behaviour {
        what: "a password's value reads as empty; either form written back changes nothing",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "of several records in a body only the first counts",
        standing: Documented,
        source: "wire-core 1.1, REST API",
    },
    Behaviour {
        what: "strings in single quotes are read like those in double ones",
        standing: Documented,
        source: "wire-core 1.6, samples of the Table API",
    },
    Behaviour {
        what: "a body that is no JSON, no object, no UTF-8 or more than 100 levels deep is 400 `Exception while reading request`; an empty one sets nothing, a byte order mark is skipped",
        standing: Assumed,
        source: "wire-core 1.6",
    },
    Behaviour {
        what: "of a column that a body names twice the last value counts; numbers are kept digit by digit, null is empty, an object counts by its `value` or `display_value`, an array is ignored",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "columns that are not known are ignored; `sys_scope` is stored as `global`",
        standing: Observed,
        source: "wire-core 5",
    },
    Behaviour {
        what: "columns that the instance sets itself are ignored: id (but on insert, where it is free and well formed), class, audit columns",
        standing: Documented,
        source: "wire-core 5",
    },
    Behaviour {
        what: "an empty value clears a field, but not a choice",
        standing: Documented,
        source: "wire-core 5, REST API",
    },
    Behaviour {
        what: "a number, date or span that is none is stored as empty",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "a new record on a table that is extended may name its class in `sys_class_name`; the class of a record never changes",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "new records have the defaults and numbers of their table, the first created one INC0010001",
        standing: Observed,
        source: "wire-core 5 and 6",
    },
    Behaviour {
        what: "an update that changes nothing keeps `sys_mod_count` and `sys_updated_on`",
        standing: Assumed,
        source: "wire-core 5",
    },
    Behaviour {
        what: "closing a task sets `closed_at` and `closed_by`, resolving or closing an incident `resolved_at` and `resolved_by`; taking it up again empties them",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "`sysparm_input_display_value=true`: labels of choices, display values of references and dates in the user's zone and format are stored as what they stand for",
        standing: Documented,
        source: "wire-core 1.4, Table API",
    },
    Behaviour {
        what: "what reads in either form can be written back in it and changes nothing, journals aside; a display value that stands for nothing leaves a reference or a date empty and any other column as given; of several records the first made counts; ids are taken too",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "a new record that its author may not read is 201 without a body; an update that hides the record from its author is 204",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "a business rule (`sys_script`) that runs before, with `abort_action` and a filter that the record would meet, aborts the change with 403; scripts are not run, so that a rule with a `condition` does nothing",
        standing: Observed,
        source: "wire-core 2.1",
    },
    Behaviour {
        what: "a data policy (`sys_data_policy2`) aborts with 403 a change that leaves a mandatory field empty; the words for one field and for several, `inherit` and `reverse_if_false`",
        standing: Observed,
        source: "wire-core 2.1; Data policy fields",
    },
    Behaviour {
        what: "data policies are asked after business rules, and of the record as it would be; `, ` joins several fields; `is read only`, and that a read-only field may be sent as it is",
        standing: Assumed,
        source: "none",
    },
    Behaviour {
        what: "a record is changed and deleted by the access controls of its own class, whichever table the path names",
        standing: Assumed,
        source: "wire-core 2.5 shows it of reads",
    },
    Behaviour {
        what: "`sysparm_fields` leaves out a walk to a table that the caller may not read; a reference displays its record's name all the same",
        standing: Assumed,
        source: "wire-core 1.4 shows it of columns",
    },
];
