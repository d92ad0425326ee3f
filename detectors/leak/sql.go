package leak

import (
	"bytes"

	"why401/detectors"
)

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
			i = s.spaces(i)
			var end bool
			c := noSecret
			if col < n {
				c = classes[col]
			}
			if c >= apiKey && c <= password && i < s.hi && s.t[i] == '@' {
				e := i + 1
				for e < s.hi && wordChar[s.t[e]] {
					e++
				}
				s.boundByName(s.t[i:e], p, c)
			}
			if c >= apiKey && c <= password && i < s.hi && (s.t[i] == '$' || s.t[i] == '?' || s.t[i] == '%') {
				s.bound(col+1, i, c)
			}
			if i, end = s.sqlValue(i, c); end {
				break
			}
		}
	}
}

// sqlValue judges the value at i and returns where the next begins.
func (s *Scanner) sqlValue(i int, c class) (next int, end bool) {
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

// A binding is a parameter of a statement that holds a credential.
type binding struct {
	n     int // from 1
	class class
}

const maxBindings = 8 // of a statement

// parameter returns the number of the parameter v of a statement, $2 or ?, that
// stands at i, and 0 where v is none.
func (s *Scanner) parameter(v []byte, i int) int {
	switch {
	case len(v) == 1 && v[0] == '?', len(v) == 2 && v[0] == '%' && v[1] == 's':
		return 1 + bytes.Count(s.t[max(s.lo, i-4096):i], v)
	case len(v) == 2 && v[0] == '$' && isDigit(v[1]):
		return int(v[1] - '0')
	case len(v) == 3 && v[0] == '$' && isDigit(v[1]) && isDigit(v[2]):
		return int(v[1]-'0')*10 + int(v[2]-'0')
	}
	return 0
}

// bindable counts the parameters of a line that are looked for.
func (s *Scanner) bindable() bool {
	if s.bindLine != s.lo {
		s.bindings, s.bindLine, s.bindTries = s.bindings[:0], s.lo, 0
	}
	s.bindTries++
	return s.bindTries <= maxColumns
}

// bound judges the nth of the values that stand in a list after a statement with
// parameters, ... VALUES ($1, $2) ["bob", "x"], or on lines after it. The statement
// goes on at i.
func (s *Scanner) bound(n, i int, c class) {
	if !s.bindable() {
		return
	}
	const far = 4096
	end := min(s.hi, i+far)
	if at := bytes.Index(s.t[max(s.lo, i-far):i], []byte("bindings: [")); at >= 0 { // they come first, as knex prints a query
		s.nth(n, max(s.lo, i-far)+at+len("bindings: ["), i, c)
		return
	}
	for _, open := range [...]string{" [", " ("} {
		for at := i; at < end; {
			e := bytes.Index(s.t[at:end], []byte(open))
			if e < 0 {
				break
			}
			at += e + len(open)
			if c0, _ := s.at(s.spaces(at)); c0 == '"' || c0 == '\'' || c0 == '[' {
				s.nth(n, at, end, c)
				return
			}
		}
	}
	if len(s.bindings) < maxBindings {
		s.bindings = append(s.bindings, binding{n, c})
		s.leave(statementOpen, maxBack, c)
	}
}

// boundByName judges the value of the parameter v, @p1, where the line has it before
// the statement: [Parameters=[@p1='x']], as Entity Framework prints it.
func (s *Scanner) boundByName(v []byte, i int, c class) {
	if !s.bindable() {
		return
	}
	from := max(s.lo, i-4096)
	at := bytes.Index(s.t[from:i], append(bytes.Clone(v), "='"...))
	if at < 0 {
		return
	}
	at += from + len(v) + 1
	s.judge(&field{lo: at, hi: at, class: c, quoted: true, sep: '=', v: at + 1, quote: '\'', level: 1})
}

// nth judges the nth of the quoted strings in the list that begins at i.
func (s *Scanner) nth(n, i, end int, c class) {
	for ; i < end && n > 0; n-- {
		i = s.spaces(i)
		q, m := s.at(i)
		if q == '[' { // names and values in pairs
			return
		}
		if q == '"' || q == '\'' {
			_, _, next := s.argument(i)
			if n == 1 && s.t[min(i+m, s.hi-1)] != '$' {
				f := field{lo: i, hi: i, class: c, quoted: true, sep: '=', v: i + m, quote: q, level: m}
				s.judge(&f)
			}
			i = next
		}
		for i < end {
			c, m := s.at(i)
			if m == 0 || c == ']' {
				return
			}
			i += m
			if c == ',' {
				break
			}
		}
	}
}

// boundLater judges what the line t[lo:hi] says of the open statement's parameters,
// as MyBatis (Parameters: bob(String), x(String)) and Hibernate (binding parameter
// (2:VARCHAR) <- [x]) print them.
func (s *Scanner) boundLater(lo, hi int) {
	line := s.t[lo:hi]
	if i := bytes.Index(line, []byte("Parameters: ")); i >= 0 {
		i += lo + len("Parameters: ")
		for n := 1; i < hi; n++ {
			e := bytes.Index(s.t[i:hi], []byte("), "))
			if e < 0 {
				e = hi - i
			}
			if v := bytes.LastIndexByte(s.t[i:i+e], '('); v > 0 {
				s.boundValue(n, i, i+v)
			}
			i += e + len("), ")
		}
		s.open = dangling{}
		return
	}
	i := bytes.Index(line, []byte("binding parameter "))
	if i < 0 {
		return
	}
	n, rest := 0, bytes.TrimLeft(line[i+len("binding parameter "):], "[(")
	for len(rest) > 0 && isDigit(rest[0]) && n < maxColumns {
		n, rest = n*10+int(rest[0]-'0'), rest[1:]
	}
	open, end := bytes.Index(rest, []byte("- [")), bytes.LastIndexByte(rest, ']')
	if v := hi - len(rest) + open + len("- ["); open >= 0 && v < hi-len(rest)+end {
		s.boundValue(n, v, hi-len(rest)+end)
	}
}

// boundValue judges t[lo:hi], the nth parameter of the open statement.
func (s *Scanner) boundValue(n, lo, hi int) {
	for _, b := range s.bindings {
		if b.n != n {
			continue
		}
		p := s.decode(lo, hi)
		if g := assess(p.b); g < plain || b.class != password && g < tokenLike && !(mixed(p.b) && len(p.b) >= 8) {
			continue
		}
		s.emit(lo, hi, Span{Kind: kindOf[b.class], Location: "body", Severity: detectors.High, Confidence: 0.85})
	}
}
