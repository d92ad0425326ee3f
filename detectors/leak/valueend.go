package leak

import "bytes"

// valueEnd returns the end of f's value: the closing quote, or the first
// character that ends a bare value of its kind.
func (s *Scanner) valueEnd(f *field, stop *[256]bool) int {
	i, hi := f.v, min(s.hi, f.v+maxValue)
	if f.quote == 0 && stop == endOfHeader {
		return s.headerEnd(f)
	}
	if f.attr {
		for i < hi {
			c, n := s.at(i)
			if n == 0 || c == '<' {
				return i
			}
			i += n
		}
		return hi
	}
	for i < hi {
		t := s.t[i:hi]
		n := 0
		for n < len(t) && !special[t[n]] && (f.quote != 0 || !stop[t[n]]) {
			n++
		}
		i += n
		c, n := s.at(i)
		if n == 0 {
			break
		}
		if f.quote != 0 {
			if c == f.quote && n <= f.level {
				return i
			}
		} else if stop[c] && (n == 1 || s.t[i] != '%' || c == '\n' || c == '"' || f.escaped(s)) {
			return i
		}
		i += n
	}
	return min(i, hi)
}

// headerEnd returns the end of a bare header value: the line's, or a quote's that
// opened before the header. Quotes after "=" belong to its parameters.
func (s *Scanner) headerEnd(f *field) int {
	hi := min(s.hi, f.v+maxValue)
	if f.attr {
		if n := bytes.IndexByte(s.t[f.v:hi], '<'); n >= 0 {
			return f.v + n
		}
	}
	var last, inside byte
	for i := f.v; i < hi; {
		n := i
		for n < hi && plainHeader[s.t[n]] {
			n++
		}
		if n > i {
			i, last = n, s.t[n-1]
			continue
		}
		c, n := s.at(i)
		switch {
		case n == 0 || c == '\n' || c == 0 || c == '|' && n == 1 && f.class != cookies:
			return i
		case inside != 0 && c == inside:
			inside = 0
		case inside == 0 && (c == '"' || c == '\'' || c == '`'):
			if d, m := s.at(i + n); last != '=' || m == 0 || d == ',' || d == '}' || d == ']' || d == ')' || isSpace(d) {
				return i
			}
			inside = c
		}
		last = c
		i += n
	}
	return hi
}

// plainHeader are the bytes of a header's value that at returns as they are and
// that end nothing.
var plainHeader = charset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ;,:.-_+/*()")

// passwordEnd goes on past a sign that may belong to a bare password: what follows
// it up to a blank is neither another pair nor what closes something that was
// open before.
func (s *Scanner) passwordEnd(f *field, end int) int {
	const longest = 64
	for end < s.hi && end-f.v < longest {
		c := s.t[end]
		open := byte(0)
		switch c {
		case '&', ';', ',', '|':
		case '"', '\'', '`':
			open = c
		case ')':
			open = '('
		case ']':
			open = '['
		case '}':
			open = '{'
		default:
			return end
		}
		if open != 0 && bytes.IndexByte(s.t[s.lo:f.v], open) >= 0 {
			return end
		}
		e := end + 1
		for e < s.hi && e-f.v < longest && !endOfPassword[s.t[e]] {
			if s.t[e] == '=' || s.t[e] == ':' || s.t[e] == '\\' {
				return end
			}
			e++
		}
		if e-end < 3 {
			return end
		}
		end = e
	}
	return end
}

// skipLong leaves a long value alone after it was judged, so that no text is
// judged again and again.
func (s *Scanner) skipLong(p *piece, i, e int) {
	if e-i > longValue {
		s.done = max(s.done, p.raw(e))
	}
}
