package leak

import "bytes"

// valueKeys are the names that stand for a value beside "name" or "key".
var valueKeys = set("value values val stringvalue arrayvalue raw rawvalue text content v valstr bytesvalue parametervalue", " ")

var valueKeyShapes = shapesOf(valueKeys)

func isValueKey(name []byte) bool { return valueKeyShapes.may(name) && valueKeys[string(name)] }

// typeKeys are the types that Avro and DynamoDB put around a string.
var typeKeys = set("string S", " ")

var valueKeyStart = charset("vVsSaArRtTcCbBpP")

// opener skips what opens a value: blanks, brackets, quotes, the prefixes of
// strings in Python, Rust and SQL, and the key "value" of a name-and-value pair.
func (s *Scanner) opener(i int, f *field) bool {
	for range 24 {
		c, n := s.at(i)
		switch {
		case n == 0:
			return false
		case c == '\n':
			if n > 1 && f.quote == 0 {
				return false
			}
			return false
		case c == ' ' || c == '\t':
			f.spaced = true
			i += n
			continue
		case c == '<' && i+2 < s.hi && s.t[i+1] == '<' && (s.t[i+2] == '"' || s.t[i+2] == '\\'): // a string of Erlang
			i += 2
			continue
		case c == '{' && hashScheme(s.t[i:s.hi]):
			f.v = i
			return true
		case c == '[' || c == '(' || c == '{':
			f.bracket = c
			i += n
			if c == '[' && i < s.hi && s.t[i] == ']' { // []string{ of Go
				i = s.typeEnd(i + 1)
			}
			continue
		case c == '"' || c == '\'' || c == '`':
			if e, ok := s.valueKey(i+n, f); ok {
				i = e
				f.pair = true
				continue
			}
			if f.quote != 0 && f.level >= n || f.quote != 0 && f.quote != c {
				f.v = i
				return true
			}
			if f.query && i+n < s.hi && s.t[i+n] == ' ' { // it closes the URL's own quotes
				return false
			}
			f.quote, f.level, f.v = c, n, i+n
			if d, m := s.at(f.v); d == '"' || d == '\'' { // an empty string, or one quoted twice
				if m > n || d != c {
					i += n
					continue
				}
				return false
			}
			return true
		case (c == 'b' || c == 'u' || c == 'r' || c == 'N') && i+1 < s.hi && (s.t[i+1] == '"' || s.t[i+1] == '\'' || s.t[i+1] == '\\'):
			i++
			continue
		case c == '0' && f.quote == 0 && s.pointer(i) > 0: // password = 0x55a2 "x" of a debugger
			i = s.pointer(i)
			f.spaced = true
			continue
		case isAlpha(c) && f.quote == 0:
			if f.sep == ',' || f.sep == ' ' || f.quoted {
				if e, ok := s.valueKey(i, f); ok {
					i = e
					f.pair = true
					continue
				}
			}
			if e := s.wrapper(i); e > 0 {
				i = e
				continue
			}
		}
		f.v = i
		return f.v < s.hi
	}
	return false
}

// pointer returns where the string begins after its address, at i, 0 for none.
func (s *Scanner) pointer(i int) int {
	if i+3 >= s.hi || s.t[i+1] != 'x' {
		return 0
	}
	e := i + 2
	for e < s.hi && e-i < 20 && isHex(s.t[e]) {
		e++
	}
	if c, _ := s.at(e + 1); e > i+2 && e < s.hi && s.t[e] == ' ' && c == '"' {
		return e + 1
	}
	return 0
}

// typeEnd skips the name of a type at i.
func (s *Scanner) typeEnd(i int) int {
	e := i
	for e < s.hi && e-i < 32 && (isAlnum(s.t[e]) || s.t[e] == '.') {
		e++
	}
	return e
}

// hashScheme reports whether v begins with the scheme of a hashed password, {SSHA}
// (RFC 2307 section 5.3).
func hashScheme(v []byte) bool {
	n := bytes.IndexByte(v[:min(len(v), 16)], '}')
	return n > 0 && n+8 < len(v) && v[n+1] != ' ' && (isHash(v) || hasPrefix(v, "{cipher}") || foldedAt(v[1:], "md5}"))
}

// valueKey skips the key "value" and its separator.
func (s *Scanner) valueKey(i int, f *field) (int, bool) {
	e := i
	for e < s.hi && e-i < 16 && wordChar[s.t[e]] {
		e++
	}
	var buf [16]byte
	if e == i || e-i < 3 && e-i != 1 || !valueKeyStart[s.t[i]] || !isValueKey(foldName(buf[:0], s.t[i:e])) && (f.bracket != '{' || !typeKeys[string(s.t[i:e])]) {
		return 0, false
	}
	for range 3 {
		c, n := s.at(e)
		switch c {
		case '"', '\'', '`', ' ':
			e += n
			continue
		case ':', '=':
			return e + n, true
		}
		return 0, false
	}
	return 0, false
}

// constructors are the constructors that debug output puts around a string.
var (
	constructors     = []string{"slice(", "some(", "just ", "string(", "optional(", "str(", "ok(", "secret(", "secretstr(", "secretstring(", "text(", "sensitive(", "protected(", "password(", "token("}
	constructorStart = charset("sSjJoOtTpP")
)

const longestConstructor = len("secretstring(")

// wrapper skips the constructors that debug output puts around a string.
func (s *Scanner) wrapper(i int) int {
	if !constructorStart[s.t[i]] {
		return 0
	}
	if foldedAt(s.t[i:s.hi], "string(") { // var_dump: string(12) "x"
		j := i + len("string(")
		for j < s.hi && isDigit(s.t[j]) {
			j++
		}
		if j > i+len("string(") && j < s.hi && s.t[j] == ')' {
			return j + 1
		}
	}
	e := i
	for e < s.hi && e-i < longestConstructor && isAlpha(s.t[e]) {
		e++
	}
	if e >= s.hi || s.t[e] != '(' && s.t[e] != ' ' {
		return 0
	}
	for _, w := range constructors {
		if len(w) == e+1-i && foldedAt(s.t[i:s.hi], w) {
			return e + 1
		}
	}
	return 0
}
