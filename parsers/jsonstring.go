package parsers

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Unescape returns b with JSON's backslash escapes resolved, valid as long as the record.
func (s *Scratch) Unescape(b []byte) []byte {
	n := len(s.buf)
	s.buf = appendUnescaped(s.buf, b)
	return s.buf[n:len(s.buf):len(s.buf)]
}

// stringEnd returns where the quote stands that ends the string b, and whether
// there are escapes before it; -1 if there is none.
func stringEnd(b []byte) (end int, escaped bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if i == 24 { // a long one: the vectors of IndexByte are faster now
			n := bytes.IndexByte(b[i:], '"')
			if n < 0 {
				return -1, true
			}
			if e := bytes.IndexByte(b[i:i+n], '\\'); e >= 0 {
				return escapedEnd(b, i+e)
			}
			return i + n, false
		}
		x := binary.LittleEndian.Uint64(b[i:])
		q, e := x^('"'*ones), x^('\\'*ones)
		if m := ((q-ones)&^q | (e-ones)&^e) & highs; m != 0 {
			i += bits.TrailingZeros64(m) >> 3
			if b[i] == '"' {
				return i, false
			}
			return escapedEnd(b, i)
		}
	}
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i, false
		case '\\':
			return escapedEnd(b, i)
		}
	}
	return -1, false
}

// escapedEnd goes on from a backslash at b[i].
func escapedEnd(b []byte, i int) (int, bool) {
	quote := -1
	for i += 2; i < len(b); {
		if quote < i {
			n := bytes.IndexByte(b[i:], '"')
			if n < 0 {
				break
			}
			quote = i + n
		}
		e := bytes.IndexByte(b[i:quote], '\\')
		if e < 0 {
			return quote, true
		}
		i += e + 2
	}
	return -1, true
}

// skipValue returns how long the object or array at the start of b is, or -1.
func skipValue(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			n, _ := stringEnd(b[i+1:])
			if n < 0 {
				return -1
			}
			i += n + 1
		}
	}
	return -1
}

// appendUnescaped appends b with its backslash escapes resolved: JSON's, and \x41
// and \' of other languages. What is no escape stays as it is.
func appendUnescaped(dst, b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 || i+1 >= len(b) {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		c := b[i+1]
		n := 2
		switch c {
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case '"', '\\', '/', '\'':
			dst = append(dst, c)
		case 'u':
			v, ok := hex(b[i+2:], 4)
			if !ok {
				dst = append(dst, '\\', 'u')
				break
			}
			n = 6
			if utf16.IsSurrogate(rune(v)) {
				if low, ok := hex(b[min(len(b), i+8):], 4); ok && b[i+6] == '\\' && b[i+7] == 'u' {
					if r := utf16.DecodeRune(rune(v), rune(low)); r != utf8.RuneError {
						dst = utf8.AppendRune(dst, r)
						n = 12
						break
					}
				}
			}
			dst = utf8.AppendRune(dst, rune(v))
		case 'x':
			v, ok := hex(b[i+2:], 2)
			if !ok {
				dst = append(dst, '\\', 'x')
				break
			}
			dst = append(dst, byte(v))
			n = 4
		default:
			dst = append(dst, '\\', c)
		}
		b = b[i+n:]
	}
}

// hex reads n hexadecimal digits at the start of b.
func hex(b []byte, n int) (v uint32, ok bool) {
	if len(b) < n {
		return 0, false
	}
	for _, c := range b[:n] {
		switch {
		case c-'0' <= 9:
			v = v<<4 | uint32(c-'0')
		case c|0x20-'a' <= 5:
			v = v<<4 | uint32(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
