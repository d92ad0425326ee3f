package report

import (
	"strconv"
	"unicode/utf8"
)

// appendClean appends s so that a terminal, a browser or a spreadsheet cell
// shows it and obeys none of it: control and format characters (escape codes,
// line breaks, bidirectional overrides) stand as Go escapes, and what isn't
// UTF-8 as U+FFFD.
func appendClean(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !strconv.IsPrint(r) {
			dst = append(dst, s[start:i]...)
			if r == utf8.RuneError {
				dst = append(dst, "\uFFFD"...)
			} else {
				q := strconv.AppendQuoteRune(nil, r)
				dst = append(dst, q[1:len(q)-1]...)
			}
			start = i + n
		}
		i += n
	}
	return append(dst, s[start:]...)
}

// Clean returns s as a terminal may be shown it.
func Clean(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			return string(appendClean(nil, s))
		}
	}
	return s
}

// short cuts s, which is clean, to n columns at most.
func short(s string, n int) string {
	if width(s) <= n {
		return s
	}
	i, w := 0, 0
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if w += runeWidth(r); w > n-1 {
			break
		}
		i += size
	}
	return s[:i] + "…"
}
