//! The `Link` header of a list (wire-core 1.3).

/// Where a page lies in its list.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) struct Page {
    pub(in crate::api) offset: i64,
    pub(in crate::api) limit: i64,
    pub(in crate::api) total: i64,
}

/// `first`, `prev`, `next`, `last` in one line, without spaces; none when one page holds all.
/// `prev` is sent on the first page too, with a negative offset; `next` not on the last.
pub(in crate::api) fn link(url: &str, rest_of_query: &str, page: Page) -> Option<String> {
    let Page {
        offset,
        limit,
        total,
    } = page;
    if limit < 1 || total <= limit {
        return None;
    }
    let start = if rest_of_query.is_empty() {
        format!("{url}?")
    } else {
        format!("{url}?{rest_of_query}&")
    };
    let to = |offset: i64, relation: &str| {
        format!("<{start}sysparm_limit={limit}&sysparm_offset={offset}>;rel=\"{relation}\"")
    };
    let mut links = vec![to(0, "first"), to(offset.saturating_sub(limit), "prev")];
    if let Some(next) = offset.checked_add(limit).filter(|next| *next < total) {
        links.push(to(next, "next"));
    }
    links.push(to((total - 1) / limit * limit, "last"));
    Some(links.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_captured_header_is_reproduced() {
        let url = "https://dev86373.service-now.com/api/now/table/incident";
        let page = Page {
            offset: 0,
            limit: 1,
            total: 73,
        };
        assert_eq!(
            link(url, "", page).unwrap(),
            "<https://dev86373.service-now.com/api/now/table/incident?sysparm_limit=1&sysparm_offset=0>;rel=\"first\",\
             <https://dev86373.service-now.com/api/now/table/incident?sysparm_limit=1&sysparm_offset=-1>;rel=\"prev\",\
             <https://dev86373.service-now.com/api/now/table/incident?sysparm_limit=1&sysparm_offset=1>;rel=\"next\",\
             <https://dev86373.service-now.com/api/now/table/incident?sysparm_limit=1&sysparm_offset=72>;rel=\"last\""
        );
    }

    #[test]
    fn the_last_page_has_no_next_and_one_page_has_no_links() {
        let page = |offset, limit, total| Page {
            offset,
            limit,
            total,
        };
        let last = link("u", "a=1", page(70, 5, 73)).unwrap();
        assert!(!last.contains("next"));
        assert!(last.contains("<u?a=1&sysparm_limit=5&sysparm_offset=70>;rel=\"last\""));
        assert_eq!(link("u", "", page(0, 73, 73)), None);
        assert!(link("u", "", page(i64::MAX, 5, 73)).is_some());
    }
}
