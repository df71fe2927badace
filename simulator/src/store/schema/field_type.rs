//! The types of columns by ServiceNow's names (`sys_dictionary.internal_type`), and what each is
//! stored as. Types that no comparison of ours tells from text are text.

use super::Kind;

/// How a type is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    /// As this kind.
    As(Kind),
    /// As the id of a record of the table that is given.
    Reference,
    /// As ids of records of the table that is given; as text where none is.
    List,
}

/// Every type that is known.
pub(crate) const TYPES: [(&str, Storage); 68] = [
    ("boolean", Storage::As(Kind::Boolean)),
    ("catalog_preview", TEXT),
    ("char", TEXT),
    ("choice", TEXT),
    ("color", TEXT),
    ("compressed", TEXT),
    ("composite_name", TEXT),
    ("condition_string", TEXT),
    ("conditions", TEXT),
    ("css", TEXT),
    ("currency", DECIMAL),
    ("currency2", DECIMAL),
    ("data_structure", TEXT),
    ("date", Storage::As(Kind::Date)),
    ("datetime", Storage::As(Kind::DateTime)),
    ("decimal", DECIMAL),
    ("document_id", TEXT),
    ("domain_id", Storage::Reference),
    ("domain_path", TEXT),
    ("due_date", Storage::As(Kind::DateTime)),
    ("email", TEXT),
    ("email_script", TEXT),
    ("field_name", TEXT),
    ("float", DECIMAL),
    ("glide_date", Storage::As(Kind::Date)),
    ("glide_date_time", Storage::As(Kind::DateTime)),
    ("glide_duration", Storage::As(Kind::Duration)),
    ("glide_list", Storage::List),
    ("glide_time", TEXT),
    ("GUID", TEXT),
    ("html", TEXT),
    ("html_script", TEXT),
    ("html_template", TEXT),
    ("icon", TEXT),
    ("image", TEXT),
    ("integer", INTEGER),
    ("ip_addr", TEXT),
    ("ip_address", TEXT),
    ("journal", Storage::As(Kind::Journal)),
    ("journal_input", Storage::As(Kind::Journal)),
    ("journal_list", Storage::As(Kind::Journal)),
    ("json", TEXT),
    ("longint", INTEGER),
    ("multi_two_lines", TEXT),
    ("name_values", TEXT),
    ("order_index", INTEGER),
    ("password", Storage::As(Kind::Password)),
    ("password2", Storage::As(Kind::Password)),
    ("percent_complete", DECIMAL),
    ("ph_number", TEXT),
    ("phone_number_e164", TEXT),
    ("price", DECIMAL),
    ("reference", Storage::Reference),
    ("script", TEXT),
    ("script_client", TEXT),
    ("script_plain", TEXT),
    ("script_server", TEXT),
    ("string", TEXT),
    ("string_full_utf8", TEXT),
    ("sys_class_path", TEXT),
    ("table_name", TEXT),
    ("timer", Storage::As(Kind::Duration)),
    ("translated_field", TEXT),
    ("translated_html", TEXT),
    ("translated_text", TEXT),
    ("url", TEXT),
    ("wide_text", TEXT),
    ("xml", TEXT),
];

const TEXT: Storage = Storage::As(Kind::Text);
const INTEGER: Storage = Storage::As(Kind::Integer);
const DECIMAL: Storage = Storage::As(Kind::Decimal);

/// How the type of this name is stored.
pub(crate) fn storage(name: &str) -> Option<Storage> {
    TYPES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, storage)| *storage)
}
