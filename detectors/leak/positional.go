package leak

import (
	"bytes"

	"why401/detectors"
)

// positional judges the arguments of a program that takes a password by its
// place among them. It reports false for a program that doesn't.
func (s *Scanner) positional(p int, w *word) bool {
	var args [16][2]int // those that are no options
	n, options := 0, false
	switch w.text {
	case "net use", "net user", "rabbitmqctl", "htpasswd ", "sqlplus":
	case "chpasswd":
		s.piped(p)
		return true
	case "setuser":
		s.aclUser(p + len(w.text))
		return true
	default:
		return false
	}
	i := p + len(bytes.TrimRight([]byte(w.text), " "))
	for n < len(args) {
		last := i
		i = s.listed(s.spaces(i))
		if c, _ := s.at(i); i == last && (c == '"' || c == '\'') && n > 0 { // what closes the command
			break
		}
		lo, hi, next := s.argument(i)
		c, _ := s.at(i)
		if next <= i || lo == hi || lo == i && (c == '"' || c == '\'') || bytes.IndexByte([]byte("|;&<>"), s.t[lo]) >= 0 {
			break
		}
		i = next
		switch s.t[lo] {
		case '-':
			options = options || bytes.IndexByte(s.t[lo:hi], 'b') > 0
		case '/':
		default:
			args[n] = [2]int{lo, hi}
			n++
		}
	}
	s.argsEnd = max(s.argsEnd, i)
	at := -1
	switch w.text {
	case "net use": // [X:] \\server\share PASSWORD
		for k := range n {
			if a := s.t[args[k][0]:args[k][1]]; a[0] != '\\' && a[len(a)-1] != ':' && a[0] != '*' {
				at = k
			}
		}
	case "htpasswd ":
		if options && n >= 2 {
			at = n - 1
		}
	case "sqlplus":
		if n > 0 {
			s.slashed(args[0][0], args[0][1])
		}
	case "rabbitmqctl":
		switch string(s.t[args[0][0]:args[0][1]]) {
		case "add_user", "change_password", "authenticate_user":
			at = 2
		}
	default: // NAME PASSWORD
		at = 1
	}
	if at >= 0 && at < n {
		s.argPassword(args[at][0], args[at][1])
	}
	return true
}

// argPassword judges an argument by itself.
func (s *Scanner) argPassword(lo, hi int) {
	p := s.decode(lo, hi)
	if g := assess(p.b); g < plain || len(p.b) < 6 || !chosen(p.b) || isReference(p.b) {
		return
	}
	s.argValue(lo, hi, &commandFlag{})
}

// bulk skips what stands before an argument of Redis' protocol: \r\n$14\r\n.
func (s *Scanner) bulk(i int) int {
	j := s.breaks(i)
	if j == i || j+1 >= s.hi || s.t[j] != '$' || !isDigit(s.t[j+1]) {
		return i
	}
	for j++; j < s.hi && isDigit(s.t[j]); {
		j++
	}
	return s.breaks(j)
}

// breaks skips escaped ends of lines.
func (s *Scanner) breaks(i int) int {
	for range 2 {
		if c, n := s.at(i); c == '\n' && n > 1 {
			i += n
		}
	}
	return i
}

// slashed judges name/password[@database].
func (s *Scanner) slashed(lo, hi int) {
	a := s.t[lo:hi]
	slash, at := bytes.IndexByte(a, '/'), bytes.LastIndexByte(a, '@')
	if at < 0 {
		at = len(a)
	}
	if slash > 0 && slash+1 < at && bytes.IndexByte(a[:at], '.') < 0 { // else a path
		s.argPassword(lo+slash+1, lo+at)
	}
}

// piped judges what an echo before p hands on as name:password.
func (s *Scanner) piped(p int) {
	e := bytes.LastIndex(s.t[max(s.lo, p-200):p], []byte("echo "))
	if e < 0 {
		return
	}
	i := max(s.lo, p-200) + e + len("echo ")
	for range 3 {
		i = s.spaces(i)
		lo, hi, next := s.argument(i)
		if next <= i || next > p {
			return
		}
		if c := bytes.IndexByte(s.t[lo:hi], ':'); c > 0 && s.t[lo] != '-' {
			s.argPassword(lo+c+1, hi)
			return
		}
		i = next
	}
}

// echoed judges what an echo before p hands on to a program that reads a password.
func (s *Scanner) echoed(p int) {
	from := max(s.lo, p-200)
	bar := bytes.LastIndexByte(s.t[from:p], '|')
	if bar < 0 {
		return
	}
	if s.t[p] == 's' { // sudo -S, of several letters perhaps
		lo, hi, _ := s.argument(s.spaces(p + len("sudo")))
		if bytes.IndexByte(s.t[lo:hi], 'S') < 0 && !bytes.Contains(s.t[lo:hi], []byte("stdin")) {
			return
		}
	}
	e := max(bytes.LastIndex(s.t[from:from+bar], []byte("echo ")), bytes.LastIndex(s.t[from:from+bar], []byte("printf ")))
	if e < 0 {
		return
	}
	i := from + e + bytes.IndexByte(s.t[from+e:p], ' ')
	for range 3 {
		i = s.spaces(i)
		lo, hi, next := s.argument(i)
		if next <= i || next > from+bar {
			return
		}
		if v := s.t[lo:hi]; hi > lo && v[0] != '-' && v[0] != '%' {
			if bytes.IndexByte(v, ' ') < 0 {
				s.argPassword(lo, hi)
			}
			return
		}
		i = next
	}
}

// aclUser judges the rules at i of Redis' ACL SETUSER name, of which >x sets a password.
func (s *Scanner) aclUser(i int) {
	if c, n := s.at(i); c == '"' {
		i += n
	}
	for range 24 {
		i = s.spaces(s.bulk(i))
		lo, hi, next := s.argument(i)
		if next <= i || lo == hi {
			return
		}
		if s.t[lo] == '>' {
			s.argPassword(lo+1, hi)
		}
		i = next
	}
}

// loginMethods are parts of the names of methods that take credentials.
var loginMethods = []string{"login", "logon", "signin", "sign_in", "authent", "password"}

// rpc judges the positional parameters at p of a call by JSON-RPC whose method
// logs in: "method":"login","params":["name","password"].
func (s *Scanner) rpc(p int) {
	before := s.t[max(s.lo, p-96):p]
	m := bytes.LastIndex(before, []byte("method"))
	if m < 0 {
		return
	}
	name := bytes.Trim(before[m+len("method"):], " \t:\\\"',")
	if end := bytes.IndexAny(name, "\\\"',"); end >= 0 {
		name = name[:end]
	}
	name = name[bytes.LastIndexAny(name, "./:")+1:]
	login := false
	for i := range name {
		for _, part := range loginMethods {
			login = login || foldedAt(name[i:], part)
		}
	}
	i := p + len("params")
	if c, n := s.at(i); login && (c == '"' || c == '\'') {
		i = s.spaces(i + n)
	} else {
		return
	}
	if c, n := s.at(i); c == ':' {
		i = s.spaces(i + n)
	}
	if c, _ := s.at(i); c != '[' {
		return
	}
	for range 6 { // [[{"args":["name","password"]}]]
		c, n := s.at(i)
		if c == '[' || c == '{' {
			i = s.spaces(i + n)
			continue
		}
		_, _, next := s.argument(i)
		if d, m := s.at(s.spaces(next)); c != '"' || d != ':' || next <= i {
			break
		} else {
			i = s.spaces(s.spaces(next) + m)
		}
		if d, _ := s.at(i); d != '[' && d != '{' { // fields with names of their own
			return
		}
	}
	var lo, hi, n int
	for range 4 {
		i = s.spaces(i)
		if c, m := s.at(i); c == ',' {
			i = s.spaces(i + m)
		}
		if c, _ := s.at(i); c != '"' {
			break
		}
		a, b, next := s.argument(i)
		if next <= i || b-a > 4096 {
			break
		}
		lo, hi, i = a, b, next
		n++
	}
	if n == 0 {
		return
	}
	v := s.decode(lo, hi)
	switch g := assess(v.b); {
	case n == 1 && g >= tokenLike:
		s.emit(lo, hi, Span{Kind: "token", Location: "body", Severity: detectors.High, Confidence: 0.85})
	case n >= 2 && g >= plain && len(v.b) >= 6 && bytes.IndexByte(v.b, ' ') < 0 && !isReference(v.b):
		s.emit(lo, hi, Span{Kind: "password", Location: "body", Severity: detectors.High, Confidence: 0.85})
	}
}
