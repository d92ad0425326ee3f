package leak

import "bytes"

// at reads the character at i of the line, with the escapes of JSON (at any
// depth), URLs, HTML and quoted-printable text undone and terminal colours left out. n is how many bytes
// it takes. Line breaks come as '\n', characters outside ASCII as their bytes.
func (s *Scanner) at(i int) (c byte, n int) {
	if i < s.hi {
		if c = s.t[i]; !special[c] {
			return c, 1
		}
	}
	return s.escape(i)
}

// escape is at for a byte that may begin an escape.
func (s *Scanner) escape(i int) (c byte, n int) {
	t := s.t[:s.hi]
	if i >= len(t) {
		return '\n', 0
	}
	switch c = t[i]; c {
	case '\\':
		j := i
		for j < len(t) && t[j] == '\\' && j-i < 64 {
			j++
		}
		if j == len(t) {
			return '\\', j - i
		}
		switch t[j] {
		case '"', '\'', '/', '`':
			return t[j], j - i + 1
		case 'n', 'r':
			return '\n', j - i + 1
		case 't':
			return '\t', j - i + 1
		case '0':
			if j+1 == len(t) || !isDigit(t[j+1]) {
				return 0, j - i + 1
			}
		case 'u':
			if v, ok := hexValue(t, j+1, 4); ok {
				if v >= 0x80 {
					return 0xE2, j - i + 5
				}
				return byte(v), j - i + 5
			}
		case 'x':
			if v, ok := hexValue(t, j+1, 2); ok {
				return byte(v), j - i + 3
			}
		}
		return '\\', j - i
	case '%':
		v, ok := hexValue(t, i+1, 2)
		if !ok {
			return c, 1
		}
		if v == '%' { // encoded twice
			if w, ok := hexValue(t, i+3, 2); ok {
				return byte(w), 5
			}
		}
		return byte(v), 3
	case 0x1b:
		if i+1 < len(t) && t[i+1] == '[' {
			for j := i + 2; j < len(t) && j < i+20; j++ {
				if t[j]|0x20 >= 'a' && t[j]|0x20 <= 'z' {
					if j+1 == len(t) {
						return '\n', j + 1 - i
					}
					if t[j+1] == 0x1b {
						return ' ', j + 1 - i
					}
					c, n = t[j+1], 1
					if c == '\\' || c == '%' || c == '&' {
						c, n = s.at(j + 1)
					}
					return c, j + 1 - i + n
				}
			}
		}
	case '&':
		for _, e := range entities {
			if foldedAt(t[i:], e.text) {
				return e.char, len(e.text)
			}
		}
	case '=':
		if i+2 < len(t) && t[i+1] == '3' && t[i+2] == 'D' {
			return '=', 3
		}
	case '\r':
		return '\n', 1
	}
	return c, 1
}

var entities = []struct {
	text string
	char byte
}{{"&quot;", '"'}, {"&amp;", '&'}, {"&#39;", '\''}, {"&#34;", '"'}, {"&apos;", '\''}, {"&#x27;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}, {"&#61;", '='}, {"&#x3d;", '='}}

// hexValue reads n hexadecimal digits.
func hexValue(t []byte, i, n int) (v int, ok bool) {
	if i+n > len(t) {
		return 0, false
	}
	for _, c := range t[i : i+n] {
		switch {
		case isDigit(c):
			v = v<<4 | int(c-'0')
		case isHex(c):
			v = v<<4 | int(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// A piece is text with its escapes undone and the way back.
type piece struct {
	b   []byte
	lo  int     // of b[0] in the raw text, where pos is nil
	pos []int32 // of every byte of b, and of the end, from lo
}

// raw returns the place of b[i] in the raw text.
func (p *piece) raw(i int) int {
	if p.pos == nil {
		return p.lo + i
	}
	return p.lo + int(p.pos[i])
}

// decode undoes the escapes of t[lo:hi]. The result lasts until the next call.
func (s *Scanner) decode(lo, hi int) piece {
	if !holdsEscape(s.t[lo:hi]) {
		return piece{b: s.t[lo:hi], lo: lo}
	}
	s.text, s.pos = s.text[:0], s.pos[:0]
	for i := lo; i < hi; {
		c, n := s.at(i)
		if n == 0 {
			break
		}
		s.text = append(s.text, c)
		if s.t[i] == 0x1b && n > 2 { // the colour stays
			s.pos = append(s.pos, int32(i+n-1-lo))
		} else {
			s.pos = append(s.pos, int32(i-lo))
		}
		i += n
	}
	s.pos = append(s.pos, int32(hi-lo))
	return piece{b: s.text, lo: lo, pos: s.pos}
}

// holdsEscape reports whether an escape may stand in v.
func holdsEscape(v []byte) bool {
	if len(v) > 64 {
		return bytes.IndexByte(v, '\\') >= 0 || bytes.IndexByte(v, '%') >= 0 || bytes.IndexByte(v, 0x1b) >= 0 || bytes.IndexByte(v, '&') >= 0
	}
	for _, c := range v {
		if c == '\\' || c == '%' || c == 0x1b || c == '&' {
			return true
		}
	}
	return false
}

// rawEnd returns the end of p.b[:i] in the raw text, i > 0.
func (s *Scanner) rawEnd(p *piece, i int) int {
	if p.pos == nil {
		return p.lo + i
	}
	at := p.raw(i - 1)
	_, n := s.at(at)
	return at + n
}

// line makes s.lo and s.hi the bounds of the line that i lies in.
func (s *Scanner) line(i int) {
	if i >= s.lo && i < s.hi {
		return
	}
	from := 0 // a line's start is known, or lies behind the last one's end
	if s.hi > 0 && s.hi <= i {
		from = s.hi
	}
	s.lo = from + bytes.LastIndexByte(s.t[from:i], '\n') + 1
	if n := bytes.IndexByte(s.t[i:], '\n'); n >= 0 {
		s.hi = i + n
	} else {
		s.hi = len(s.t)
	}
}

// afterEscape moves the start of a name past an escape that was taken for a part
// of it: \n, \u0026, %26, the end of a colour.
func (s *Scanner) afterEscape(lo, hi int) int {
	if lo == s.lo {
		return lo
	}
	switch s.t[lo-1] {
	case '\\':
		switch s.t[lo] {
		case 'n', 'r', 't':
			return min(lo+1, hi)
		case 'u':
			if _, ok := hexValue(s.t, lo+1, 4); ok {
				return min(lo+5, hi)
			}
		case 'x':
			if _, ok := hexValue(s.t, lo+1, 2); ok {
				return min(lo+3, hi)
			}
		}
	case '%':
		if _, ok := hexValue(s.t, lo, 2); ok {
			if lo+4 <= hi && s.t[lo] == '2' && s.t[lo+1] == '5' {
				return lo + 4
			}
			return min(lo+2, hi)
		}
	case '[':
		if lo-2 >= s.lo && s.t[lo-2] == 0x1b {
			for i := lo; i < hi; i++ {
				if isAlpha(s.t[i]) {
					return min(i+1, hi)
				}
			}
		}
	}
	return lo
}
