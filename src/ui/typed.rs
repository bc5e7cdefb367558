//! A line that is being typed, in as many cells as there are.

use tui_input::Input;

use super::words::{cells, pad};
use crate::domain::untrusted::display_in;

/// What of the text is seen, in exactly `room` cells, and the cell of the cursor. What
/// stands left of the cursor is kept in sight, as much as fits; the cursor may stand just
/// behind the last cell.
pub fn typed(input: &Input, room: usize) -> (String, usize) {
    let text = input.value();
    let cursor = text.char_indices().nth(input.cursor()).map_or(text.len(), |(at, _)| at);
    let (mut start, mut before) = (cursor, 0);
    for (at, c) in text[..cursor].char_indices().rev() {
        // As it is shown: a hidden character takes up the cells of its name.
        let width = cells(&display_in(c.encode_utf8(&mut [0; 4]), usize::MAX));
        if before + width > room {
            break;
        }
        (start, before) = (at, before + width);
    }
    (pad(&text[start..], room), before)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typing(text: &str, cursor: usize, room: usize) -> (String, usize) {
        let input = Input::new(text.to_owned());
        let to = tui_input::InputRequest::SetCursor(cursor);
        let mut input = input;
        input.handle(to);
        typed(&input, room)
    }

    #[test]
    fn wide_characters_move_the_cursor_by_two() {
        assert_eq!(typing("abc", 3, 6), ("abc   ".to_owned(), 3));
        assert_eq!(typing("日本語", 2, 8), ("日本語  ".to_owned(), 4));
        assert_eq!(typing("日本語日本語", 6, 5), ("本語 ".to_owned(), 4));
        assert_eq!(typing("a\u{202e}", 2, 12), ("a<U+202E>   ".to_owned(), 9));
        assert_eq!(typing("abcdef", 0, 4), ("abc…".to_owned(), 0));
    }

    proptest! {
        #[test]
        fn the_cursor_stays_in_its_cells(text in any::<String>(), cursor in 0usize..40, room in 4usize..30) {
            let (shown, at) = typing(&text, cursor, room);
            prop_assert_eq!(cells(&shown), room);
            prop_assert!(at <= room);
        }
    }
}
