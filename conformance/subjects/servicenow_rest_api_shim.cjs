// Drives servicenow-rest-api as its documentation shows: `check | sync | write`.
//
// It adds nothing: no retry, no timeout, no interpretation. What the library hands to its callback
// as an error is printed on stderr as `Name: text` and ends with status 1; rows go to a file of
// JSON lines. Its connection test tells its caller nothing and prints either `Authenticated` or an
// error: what it prints decides the exit status here, which is none of the library's.
const fs = require("node:fs");
const ServiceNow = require("servicenow-rest-api");

const { SN_INSTANCE, SN_USER, SN_PASSWORD, SN_TABLE, SN_RECORD, SN_RECORDS } = process.env;
const client = new ServiceNow(SN_INSTANCE, SN_USER, SN_PASSWORD);

function handed(result) {
    if (result instanceof Error) {
        console.error(`${result.name}: ${result.message}`);
        process.exit(1);
    }
    return result;
}

switch (process.argv[2]) {
    case "check": {
        const { log } = console;
        console.log = (what, ...more) => {
            process.exitCode = what === "Authenticated" ? 0 : 1;
            log(what, ...more);
        };
        client.Authenticate();
        break;
    }
    case "sync":
        client.getTableData([], [], SN_TABLE, (result) => {
            const rows = handed(result).map((row) => JSON.stringify(row) + "\n");
            fs.writeFileSync(SN_RECORDS, rows.join(""));
            console.log(`read ${rows.length} rows of ${SN_TABLE}`);
        });
        break;
    case "write":
        client.createNewTask(JSON.parse(SN_RECORD), SN_TABLE, (result) => {
            console.log(`created ${handed(result).sys_id}`);
        });
        break;
    default:
        process.exit(89); // not implemented
}
