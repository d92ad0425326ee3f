package leak

import "bytes"

const maxColumns = 64 // of a statement

// insert judges the values of an INSERT, at p, by the names of their columns.
func (s *Scanner) insert(p int) {
	i := p
	for i > s.lo && s.t[i-1] == ' ' {
		i--
	}
	if i == s.lo || s.t[i-1] != ')' {
		return
	}
	open := bytes.LastIndexByte(s.t[max(s.lo, i-4096):i], '(')
	if open < 0 {
		return
	}
	var classes [maxColumns]class
	n, secrets := 0, false
	for name := range bytes.SplitSeq(s.t[max(s.lo, i-4096)+open+1:i-1], []byte(",")) {
		if n == maxColumns {
			break
		}
		classes[n] = s.classify(bytes.Trim(name, " \t`\"'[]\\"))
		secrets = secrets || classes[n] != noSecret
		n++
	}
	if !secrets {
		return
	}
	i = p + len("values")
	for i < s.hi { // one row after another
		for i < s.hi && (s.t[i] == ' ' || s.t[i] == ',') {
			i++
		}
		if i >= s.hi || s.t[i] != '(' {
			return
		}
		i++
		for col := 0; i < s.hi; col++ {
			var end bool
			c := noSecret
			if col < n {
				c = classes[col]
			}
			if i, end = s.sqlValue(i, c); end {
				break
			}
		}
	}
}

// sqlValue judges the value at i and returns where the next begins.
func (s *Scanner) sqlValue(i int, c class) (next int, end bool) {
	i = s.spaces(i)
	q, n := s.at(i)
	if q == '\'' || q == '"' {
		f := field{lo: i, hi: i, class: c, quoted: true, sep: '=', v: i + n, quote: q, level: n}
		if c != noSecret && c != nonces {
			s.judge(&f)
		}
		i = s.valueEnd(&f, endOfToken)
		if _, m := s.at(i); i < s.hi {
			i += m
		}
	}
	for i < s.hi {
		c, n := s.at(i)
		if n == 0 {
			break
		}
		i += n
		if c == ',' || c == ')' {
			return i, c == ')'
		}
	}
	return s.hi, true
}
