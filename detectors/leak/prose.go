package leak

// fillers are words that may stand between a name and its value.
var fillers = set("value values header headers is was provided given supplied received sent used using with set to as content raw string field param parameter got presented "+
	"has generated created issued new temporary contains equals found rejected invalid expired unknown malformed the following now has been for http request by user client be from account key ist est es not reset changed updated written assigned para pour utilisateur usuario benutzer", " ")

var fillerShapes = shapesOf(fillers)

// prose skips the words of a sentence between a name and its value: it returns
// the place after the separator, or of the value where there is none, or -1.
func (s *Scanner) prose(i int, f *field) int {
	whose, form, comma := false, false, false
	for range 6 {
		from := i
		i = s.spaces(i)
		e := i
		for e < s.hi && e-i < 32 && wordChar[s.t[e]] {
			e++
		}
		if e == i {
			c, n := s.at(i)
			switch c {
			case '"', '\'', '`':
				if i == from && f.words > 0 { // it closes the sentence
					return -1
				}
				if v := s.afterWhose(i, whose); v > 0 {
					f.is, whose, i = true, false, v
					continue
				}
				if whose || form { // it names the user, or the field
					return -1
				}
				return i
			case '[', '(', '<':
				return i
			case ':', '=':
				if i > from && c == ':' && i+n < s.hi && s.t[i+n] == ':' { // password for kim from ::ffff:192.0.2.1
					return -1
				}
				f.sep = c
				return i + n
			case ',': // SECRET not set, generated x
				if next := s.spaces(i + n); f.words > 0 && (foldedAt(s.t[next:s.hi], "generated ") || foldedAt(s.t[next:s.hi], "using ")) {
					comma = true
					i += n
					continue
				}
			case '+': // the number of a telephone
				if whose {
					for i++; i < s.hi && isDigit(s.t[i]); {
						i++
					}
					whose = false
					continue
				}
			}
			return -1
		}
		var buf [32]byte
		folded := lower(append(buf[:0], s.t[i:e]...))
		filler := fillerShapes.may(folded) && fillers[string(folded)]
		if whose && !filler { // root@localhost
			for e < s.hi && e-i < 64 && (wordChar[s.t[e]] || s.t[e] == '@' || s.t[e] == '.' && e+1 < s.hi && wordChar[s.t[e+1]]) {
				e++
			}
		}
		if !filler && !whose && !(e-i <= 2 && isDigit(folded[0])) {
			if j := s.spaces(e); j > e && j+1 < s.hi && s.t[j] == '=' && s.t[j+1] == ' ' && f.words == 0 { // PASSWORD elastic = x
				f.sep = '='
				return j + 1
			}
			return i
		}
		if whose && !filler && e < s.hi && s.t[e] == '=' { // the next field: user id=7
			return -1
		}
		if isDigit(folded[0]) && e+1 < s.hi && s.t[e] == ':' && s.t[e+1] != ' ' { // passwd  1:4.13, a package and its version
			return -1
		}
		w := string(folded)
		f.whose = f.whose || w == "for"
		whose = w == "user" || w == "account" || w == "for" || whose && w == "the"
		f.is = w == "is" || f.is && w == "now" || w == "was" || w == "to" || w == "generated" || w == "using" && comma
		form = f.class == password && (w == "field" || w == "param")
		if f.words == 0 && e-i == 1 && isDigit(w[0]) && (f.class == password || f.class == secret) { // password 0 x: how a router stores it
			f.class = password
		} else {
			f.words++
		}
		i = e
		c, n := s.at(i)
		if c == ':' || c == '=' {
			f.sep = c
			return i + n
		}
	}
	return -1
}

// afterWhose returns where "to" or "is" begins after the quoted name of a user at i:
// password for user "bob" to "x".
func (s *Scanner) afterWhose(i int, whose bool) int {
	if !whose {
		return 0
	}
	_, hi, next := s.argument(i)
	if next <= hi || next >= s.hi {
		return 0
	}
	if s.t[next] == '@' { // 'bob'@'localhost'
		if _, _, next = s.argument(next + 1); next >= s.hi {
			return 0
		}
	}
	if j := s.spaces(next); s.t[min(j, s.hi-1)] == '=' {
		return j + 1
	}
	if j := s.spaces(next); foldedAt(s.t[j:s.hi], "to ") || foldedAt(s.t[j:s.hi], "is ") || foldedAt(s.t[j:s.hi], "is:") {
		return j
	}
	return 0
}
