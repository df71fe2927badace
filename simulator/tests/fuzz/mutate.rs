//! Makes inputs out of seeds, by edits that know the words of the wire.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Bytes of an input, at most: more than the longest head and the longest query.
const LONGEST: usize = 160 * 1024;

/// What means something to a parser.
const WORDS: [&str; 56] = [
    "^",
    "^OR",
    "^NQ",
    "^ORDERBY",
    "^ORDERBYDESC",
    "^GROUPBY",
    "^EQ",
    "=",
    "!=",
    "<",
    ">=",
    "IN",
    "NOT IN",
    "LIKE",
    "ISEMPTY",
    "BETWEEN",
    "ON",
    "INSTANCEOF",
    "SAMEAS",
    "DYNAMIC",
    "javascript:gs.daysAgo(",
    "javascript:gs.getUserID()",
    "sys_id",
    "caller_id.manager.company.parent.name",
    "user_password",
    "sysparm_query=",
    "&sysparm_fields=",
    "&sysparm_limit=",
    "&sysparm_offset=",
    "&sysparm_group_by=",
    "&sysparm_display_value=all",
    "9223372036854775807",
    "-1",
    "1e999",
    "0x7fffffff",
    "NaN",
    "'",
    "\"",
    "--",
    ";DROP TABLE incident",
    "' OR 1=1 --",
    "%00",
    "%",
    "%ff",
    "%2e%2e%2f",
    "\0",
    "\u{feff}",
    "\u{1F600}",
    "ß",
    "[[[[",
    "{\"a\":",
    "null",
    "\r\n",
    "/../",
    "@",
    ",",
];

/// Mutates seeds; the same number gives the same inputs.
pub(crate) struct Mutator {
    random: StdRng,
    seeds: Vec<Vec<u8>>,
}

impl Mutator {
    pub(crate) fn new(number: u64, seeds: Vec<Vec<u8>>) -> Self {
        Self {
            random: StdRng::seed_from_u64(number),
            seeds,
        }
    }

    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut input = self.any_seed();
        for _ in 0..self.random.random_range(1..6) {
            self.edit(&mut input);
            input.truncate(LONGEST);
        }
        input
    }

    fn any_seed(&mut self) -> Vec<u8> {
        let at = self.random.random_range(0..self.seeds.len());
        self.seeds[at].clone()
    }

    fn edit(&mut self, input: &mut Vec<u8>) {
        let (from, to) = self.range(input.len());
        match self.random.random_range(0..9) {
            0 => drop(input.drain(from..to)),
            1 => drop(input.splice(from..from, self.word().bytes())),
            2 => drop(input.splice(from..to, self.word().bytes())),
            3 => {
                let copy = input[from..to].to_vec();
                input.splice(to..to, copy);
            }
            4 => {
                if let Some(byte) = input.get_mut(from) {
                    *byte ^= 1 << self.random.random_range(0..8);
                }
            }
            5 => {
                let byte: u8 = self.random.random();
                input.insert(from, byte);
            }
            6 => {
                let other = self.any_seed();
                let (begin, end) = self.range(other.len());
                input.splice(from..to, other[begin..end].iter().copied());
            }
            7 => {
                let word = self.word();
                let times = 1 << self.random.random_range(0..14);
                input.splice(from..from, word.repeat(times).bytes());
            }
            _ => input.truncate(to),
        }
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.random.random_range(0..WORDS.len())]
    }

    /// A range in so many bytes; short ones are likelier.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let from = self.random.random_range(0..=length);
        let most = (length - from).min(1 << self.random.random_range(0..8));
        (from, from + self.random.random_range(0..=most))
    }
}
