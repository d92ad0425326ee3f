package leak

import (
	"bytes"

	"why401/detectors"
)

// A commandFlag is an argument of a program that takes a credential.
type commandFlag struct {
	flag     string
	pair     bool // the value is name:password
	attached bool // the value may, or must, follow without a blank
	cookies  bool // the value is a list of cookies
	chosen   bool // the value may be a well-known word too
}

// commandFlags are the flags of the programs of commandWords, by the word that
// announces them; names such as --password speak for themselves.
var commandFlags = []struct {
	word  string
	flags []commandFlag
}{
	{"curl", []commandFlag{{flag: "-u", pair: true, attached: true}, {flag: "--user", pair: true}, {flag: "-U", pair: true, attached: true}, {flag: "--proxy-user", pair: true}, {flag: "--oauth2-bearer"}, {flag: "--pass"}, {flag: "--proxy-pass"}, {flag: "-b", cookies: true}}},
	{"http", []commandFlag{{flag: "-a", pair: true}, {flag: "--auth", pair: true}}},
	{"mysql", []commandFlag{{flag: "-p", attached: true}}}, {"mariadb", []commandFlag{{flag: "-p", attached: true}}},
	{"sshpass", []commandFlag{{flag: "-p", attached: true}}}, {"redis-cli", []commandFlag{{flag: "-a"}, {flag: "--pass"}}},
	{"docker login", []commandFlag{{flag: "-p"}}}, {"podman login", []commandFlag{{flag: "-p"}}}, {"helm", []commandFlag{{flag: "--password"}}},
	{"mongo", []commandFlag{{flag: "-p"}}}, {"ldap", []commandFlag{{flag: "-w"}}}, {"smbclient", []commandFlag{{flag: "-U", pair: true}}},
	{"az login", []commandFlag{{flag: "-p"}}}, {"openssl", []commandFlag{{flag: "-k"}, {flag: "-passin", pair: true}, {flag: "-passout", pair: true}}},
	{"sqlcmd", []commandFlag{{flag: "-P", attached: true}}}, {"bcp", []commandFlag{{flag: "-P", attached: true}}}, {"mosquitto", []commandFlag{{flag: "-P"}}},
	{"ipmitool", []commandFlag{{flag: "-P"}}}, {"zip", []commandFlag{{flag: "-P"}}}, {"unzip", []commandFlag{{flag: "-P"}}}, {"7z", []commandFlag{{flag: "-p", attached: true}}},
	{"snmp", []commandFlag{{flag: "-A"}, {flag: "-X"}, {flag: "-c", chosen: true}}}, {"lftp", []commandFlag{{flag: "-u", pair: true}}}, {"schtasks", []commandFlag{{flag: "/rp"}, {flag: "/p"}}}, {"xfreerdp", []commandFlag{{flag: "/p:", attached: true}}},
	{"--user", nil}, {"kinit", nil}, {"psql", nil},
}

// command reads the arguments of the program whose name stands at p.
func (s *Scanner) command(p int, w *word) {
	switch w.text {
	case " -p ":
		s.userThenPass(p + len(w.text))
		return
	case "sudo -", "--password-stdin":
		s.echoed(p)
		return
	case " -u ", " -a ":
		lo, hi, _ := s.argument(s.spaces(p + len(w.text)))
		if c := bytes.IndexAny(s.t[lo:hi], ":,/"); c > 0 && s.t[lo+c] == ':' && !isHash(s.t[lo:hi]) {
			s.argPassword(lo+c+1, hi)
		}
		return
	}
	if p < s.argsEnd || p > s.lo && (isAlnum(s.t[p-1]) || s.t[p-1] == '-' && w.text[0] != '-') {
		return
	}
	if s.positional(p, w) {
		return
	}
	var flags []commandFlag
	for i := range commandFlags {
		if foldedAt([]byte(w.text), commandFlags[i].word) {
			flags = commandFlags[i].flags
		}
	}
	if w.text == "--user" { // of whatever program
		flags = curlUser
	}
	i := p
	if w.text != "--user" {
		for i < s.hi && !isSpace(s.t[i]) && s.t[i] != '"' && s.t[i] != '\'' && s.t[i] != '\\' || i < p+len(w.text)-2 { // mysqldump, ldapsearch
			i++
		}
		if c, n := s.at(i); c == '"' || c == '\'' { // one of a list of arguments
			i += n
		}
	}
	var flag *commandFlag
	for range 64 {
		i = s.listed(s.spaces(i))
		lo, hi, next := s.argument(i)
		if next <= i || next-p > 4000 {
			return
		}
		i = next
		s.argsEnd = i
		if c := s.t[lo]; hi == lo+1 && (c == '|' || c == ';' || c == '&') || hi > lo && s.t[hi-1] == ';' { // another command
			return
		}
		if flag != nil {
			s.argValue(lo, hi, flag)
			flag = nil
			continue
		}
		arg := s.t[lo:hi]
		for j := range flags {
			f := &flags[j]
			if !hasPrefix(arg, f.flag) {
				continue
			}
			switch {
			case len(arg) == len(f.flag):
				if !(f.attached && w.text == "mysql") { // mysql -p asks for it
					flag = f
				}
			case arg[len(f.flag)] == '=':
				s.argValue(lo+len(f.flag)+1, hi, f)
			case f.attached && f.flag[1] != '-':
				s.argValue(lo+len(f.flag), hi, f)
			}
			break
		}
	}
}

// userThenPass judges the argument at i of -p where the one before was of -u or
// -user, as most clients of databases and shells take them.
func (s *Scanner) userThenPass(i int) {
	before := bytes.TrimRight(s.t[max(s.lo, i-80):i-len(" -p ")], " ")
	user := bytes.LastIndexByte(before, ' ')
	if user < 0 {
		return
	}
	flag := bytes.TrimRight(before[:user], " ")
	flag = flag[bytes.LastIndexByte(flag, ' ')+1:]
	if !bytes.HasPrefix(flag, []byte("-u")) && !bytes.HasPrefix(flag, []byte("--user")) && !bytes.HasPrefix(flag, []byte("-U")) {
		return
	}
	lo, hi, _ := s.argument(s.spaces(i))
	if v := s.t[lo:hi]; !bytes.ContainsAny(v, "/:") && !isFile(v) {
		s.argPassword(lo, hi)
	}
}

var curlUser = []commandFlag{{flag: "--user", pair: true}}

// listed skips what stands before an argument in a list, ["curl", "-u", "x"], and
// in Linux's audit log, a0="curl" a1="-u".
func (s *Scanner) listed(i int) int {
	if i < s.hi && s.t[i] == ',' {
		i = s.spaces(i + 1)
	}
	if i+3 < s.hi && s.t[i] == 'a' && isDigit(s.t[i+1]) {
		j := i + 2
		for j < s.hi && isDigit(s.t[j]) {
			j++
		}
		if c, n := s.at(j); c == '=' {
			if d, _ := s.at(j + n); d == '"' {
				return j + n
			}
		}
	}
	return i
}

// argument returns the bounds of the argument at i, without its quotes, and
// where the next may begin.
func (s *Scanner) argument(i int) (lo, hi, next int) {
	c, n := s.at(i)
	if n == 0 || c == '\n' {
		return i, i, i
	}
	if c == '"' || c == '\'' {
		for j := i + n; j < s.hi; {
			d, m := s.at(j)
			if m == 0 || d == '\n' {
				break
			}
			if d == c && m <= n {
				return i + n, j, j + m
			}
			j += m
		}
	}
	j := i
	for j < s.hi {
		d, m := s.at(j)
		if m == 0 || d == ' ' || d == '\t' || d == '\n' || (d == '"' || d == '`') && j > i {
			break
		}
		j += m
	}
	return i, j, j
}

// argValue judges an argument: a password, or name:password.
func (s *Scanner) argValue(lo, hi int, f *commandFlag) {
	if hi > lo+1 && (s.t[lo] == '"' || s.t[lo] == '\'') {
		lo++
		if s.t[hi-1] == '"' || s.t[hi-1] == '\'' {
			hi--
		}
	}
	switch {
	case f.cookies:
		s.cookieHeader(&field{lo: lo, hi: lo, v: lo, class: cookies, quote: s.quoteBefore(lo), level: 1})
		return
	case f.chosen:
		s.argPassword(lo, hi)
		return
	case f.pair:
		c := bytes.IndexAny(s.t[lo:hi], ":%,")
		if c < 0 || hasPrefix(s.t[lo:hi], "file:") || hasPrefix(s.t[lo:hi], "env:") || hasPrefix(s.t[lo:hi], "fd:") {
			return
		}
		lo += c + 1
	}
	p := s.decode(lo, hi)
	if g := assess(p.b); g == nothing || len(p.b) < 3 || p.b[0] == '-' {
		return
	}
	s.emit(lo, hi, Span{Kind: "password", Location: "command_line", Severity: detectors.High, Confidence: 0.9})
}

// quoteBefore returns the quote before i, 0 for none.
func (s *Scanner) quoteBefore(i int) byte {
	if i > s.lo && (s.t[i-1] == '"' || s.t[i-1] == '\'') {
		return s.t[i-1]
	}
	return 0
}

// call judges the arguments of a function that takes a password, as stack
// traces show them: login('name', 'password').
func (s *Scanner) call(p int, w *word) {
	i := p + len(w.text)
	var lo, hi, n int
	for range 10 {
		i = s.spaces(i)
		c, m := s.at(i)
		if c == ',' || c == '[' || c == '<' || c == '>' || n == 0 && (c == '{' || c == '(' || c == ')' || c == ':' || c == '=') { // <<"x">> of Erlang
			i += m
			continue
		}
		if isAlpha(c) && n == 0 { // a variable
			for i < s.hi && (wordChar[s.t[i]] || s.t[i] == '.') {
				i++
			}
			continue
		}
		if c != '\'' && c != '"' || n == 2 && w.text[0] == 'a' && w.text[1] == 'm' { // the name and password of amqp_params come first
			break
		}
		a, b, next := s.argument(i)
		if next <= i || b-a > 200 {
			break
		}
		lo, hi, i = a, b, next
		if n++; n == 3 && hasPrefix([]byte(w.text), "mysqli") || n == 2 && hasPrefix([]byte(w.text), "sp") { // host, name, password, database
			break
		}
	}
	if w.text == "bindata(0, " && n == 1 && saslPlain(s.t[lo:hi]) { // a payload, as MongoDB prints bytes
		s.emit(lo, hi, Span{Kind: "password", Location: "body", Severity: detectors.High, Confidence: 0.9})
		return
	}
	if n < 3 && (w.text == "new pdo(" || w.text == "dbi connect(") { // data source, name, password
		return
	}
	if n < 2 && !bytes.Contains([]byte(w.text), []byte("passw")) || n == 0 {
		return
	}
	v := s.decode(lo, hi)
	if g := assess(v.b); g < plain || bytes.Contains(v.b, []byte("://")) || bytes.IndexByte(v.b, ' ') >= 0 || g == plain && len(v.b) < 8 {
		return
	}
	s.emit(lo, hi, Span{Kind: "password", Location: "argument", Severity: detectors.High, Confidence: 0.8})
}

// cookieless judges the session or the ticket at i that ASP.NET keeps in the path where
// a client takes no cookies: /(S(id))/, /(F(ticket))/.
func (s *Scanner) cookieless(i int) {
	e := i
	for e < s.hi && (isAlnum(s.t[e]) || s.t[e] == '-' || s.t[e] == '_') {
		e++
	}
	if v := s.t[i:e]; len(v) >= 24 && e+1 < s.hi && s.t[e] == ')' && mixed(v) && !uniform(v) {
		s.emit(i, e, Span{Kind: "cookie", Location: "path", Severity: detectors.High, Confidence: 0.9})
	}
}

// path judges the segments after a word such as /magic or /reset: a link that
// lets whoever has it in.
func (s *Scanner) path(p int, w *word) {
	i := p + len(w.text)
	if w.text[1] == '(' {
		s.cookieless(i)
		return
	}
	bot := hasSuffix([]byte(w.text), "/bot")
	for i < s.hi && wordChar[s.t[i]] && !bot {
		i++
	}
	for range 4 {
		for i < s.hi && s.t[i] == '/' {
			i++
		}
		e := i
		for e < s.hi && (wordChar[s.t[e]] || s.t[e] == '.' || s.t[e] == '~' || s.t[e] == ':' || s.t[e] == '=') {
			e++
		}
		if e == i {
			if i >= s.hi || s.t[i] != '?' {
				return
			}
			n := bytes.IndexByte(s.t[i:min(s.hi, i+24)], '=') // the link's only parameter
			if n < 0 {
				return
			}
			if i += n + 1; i >= s.hi || !wordChar[s.t[i]] {
				return
			}
			for e = i; e < s.hi && wordChar[s.t[e]]; {
				e++
			}
		}
		v := s.t[i:e]
		if id := s.t[p+len(w.text) : max(i-1, p+len(w.text))]; w.text == "/webhooks/" && len(id) > 0 && (len(id) < 17 || !digitsOnly(id)) { // else .../webhooks/ID/TOKEN, as Discord has it
			return
		}
		if isObjectID(v) || isFile(v) {
			return
		}
		if len(v) < 20 { // no secret
		} else if g := assess(v); (g == tokenLike || g == recognised) && !(isUUID(v) && w.text != "/magic" && w.text != "/reset") {
			sp := Span{Kind: "reset-token", Location: "path", Severity: detectors.Medium, Confidence: 0.85}
			if bot {
				if c := bytes.IndexByte(v, ':'); c < 5 || len(v)-c < 30 {
					return
				}
				sp.Kind = "telegram-token"
			}
			s.emit(i, e, sp)
			return
		}
		i = e
		if i >= s.hi || s.t[i] != '/' {
			return
		}
	}
}
