package parsers

import "bytes"

var _ = register(Parser{
	Name: "stamped-text",
	Doc: `Text with a time stamp
What begins with a stamp, or with a level and a stamp, in any of the usual forms;
then level, thread, process and logger in any order, in brackets or not, then words.
The layouts of log4j, log4net, NLog, Serilog, zap's console, env_logger, tracing,
Go's log, Monolog, Winston and many products on their own are such.`,
	Order: 900,
	Parse: parseStamped,
})

// parseStamped reads a head of any usual shape, then words.
func parseStamped(r *Record, s *Scratch) bool {
	var h head
	n := h.read(r.Text, s)
	if n == 0 {
		if n = h.inside(r.Text, s); n == 0 {
			return r.stampedLast(s)
		}
	}
	if words := r.Text[n:]; h.level == nil && logfmtKey(words) > 0 && r.pairs(words, s) { // a container's stamp before logfmt
		if s.walk.words == 0 && s.walk.n > 0 {
			if r.Format = logfmt; r.Time == 0 {
				h.stamp.Set(r)
			}
			return true
		}
		r.restart()
	}
	h.set(r)
	r.pickBehind(r.Text[n:], s, h.client != nil)
	r.cutDjangoPath(s)
	return true
}

// stampedLast reads words that end with their stamp: "Failed login for user 'ada' from
// 192.0.2.1 at 2026-11-22 00:12:31" (ISPConfig).
func (r *Record) stampedLast(s *Scratch) bool {
	const digits = len("2026-11-22 00:12:31")
	words := len(r.Text) - digits - len(" at ")
	if words < 8 || r.Lines > 1 || !hasPrefix(r.Text[words:], " at 20") {
		return false
	}
	when, n := s.ISO(r.Text[words+len(" at "):])
	if n != digits {
		return false
	}
	when.Set(r)
	r.pick(r.Text[:words], s)
	return true
}

// A head is what stands before the words of a line.
type head struct {
	stamp  Stamp
	stamps int
	level  []byte
	logger []byte
	id     []byte // a request id in brackets
	client []byte // an address in brackets
	within []byte // of the request under way, in brackets
	early  []byte // in brackets before the level: a logger or a thread
	class  []byte // of an exception, with which the words begin
	status uint16 // in brackets
	thread bool
}

func (h *head) set(r *Record) {
	h.stamp.Set(r)
	r.Level, r.Logger = h.level, h.logger
	if r.Logger == nil && isDotted(h.early) {
		r.Logger = h.early
	}
	if h.id != nil {
		r.RequestID = h.id
	}
	if h.client != nil {
		r.setClient(h.client)
	}
	r.context(h.within)
	r.Status, r.ErrorType = h.status, h.class
}

// read reads the head at the start of t and returns where the words begin, 0 if
// there is no stamp.
func (h *head) read(t []byte, s *Scratch) int {
	i := 0
	for parts := 0; parts < 10 && i < len(t); parts++ {
		for i < len(t) && (t[i] == ' ' || t[i] == '\t') {
			i++
		}
		if i == len(t) {
			break
		}
		n := h.part(t[i:], s)
		if n == 0 {
			break
		}
		i += n
		if h.stamps == 0 && parts >= 2 {
			return 0
		}
	}
	if h.stamps == 0 {
		return 0
	}
	for i < len(t) && (t[i] == ' ' || t[i] == '\t') {
		i++
	}
	return i
}

// inside reads a head whose stamp stands behind other things: process, request id.
func (h *head) inside(t []byte, s *Scratch) int {
	for at := 1; at+20 < len(t) && at < 64; at++ {
		if t[at-1] != ' ' || t[at]-'0' > 9 || t[at+4] != '-' && t[at+4] != '/' && t[at+2] != '/' && (t[at+2] != ' ' || at > 9 || t[0]-'0' > 9 || month(t[at+3:]) == 0) { // Redis: "812:M 22 Nov 2026"
			continue
		}
		if _, n := s.Any(t[at:], false); n > 0 {
			if isProseBefore(t[:at]) {
				return 0
			}
			*h = head{}
			if n := h.read(t[at:], s); n > 0 {
				return at + n
			}
		}
	}
	return 0
}

// isProseBefore reports whether what stands before a stamp is the beginning of a
// sentence: two words of small letters one after another, or an open parenthesis.
func isProseBefore(b []byte) bool {
	if bytes.LastIndexByte(b, '(') > bytes.LastIndexByte(b, ')') {
		return true
	}
	words := 0
	for word := range bytes.FieldsSeq(b) {
		small := true
		for _, c := range word {
			small = small && c-'a' < 26
		}
		if !small {
			words = 0
		} else if words++; words == 2 {
			return true
		}
	}
	return false
}

// part reads one part of a head and returns its length, 0 where the words begin.
func (h *head) part(b []byte, s *Scratch) int {
	c := b[0]
	if h.stamps == 0 && c != '[' && c != '(' && c != '<' {
		if t, n := s.Any(b, true); n > 0 && (n == len(b) || !isWord(b[n])) {
			h.stamp, h.stamps = t, 1
			for n < len(b) && (b[n] == ',' || b[n] == ':' || b[n] == ';') {
				n++
			}
			return n
		}
	}
	switch {
	case c == '[':
		return h.bracket(b, s)
	case c == '(': // a thread
		if end := bytes.IndexByte(b[:min(len(b), 80)], ')'); end > 0 && h.level != nil && !h.thread && end+1 < len(b) && b[end+1] == ' ' && bytes.IndexByte(b[:end], ' ') < 0 {
			h.thread = true
			return end + 1
		}
		return 0
	case c == '|' && h.stamps > 0:
		return 1
	case c == '-' || c == ':' || c == '>':
		if len(b) > 1 && (b[1] == ' ' || b[1] == '-') {
			n := 1
			for n < len(b) && b[n] == '-' {
				n++
			}
			if n < len(b) && b[n] == ' ' {
				if h.logger != nil && h.level != nil {
					h.thread = true
				}
				return n
			}
		}
		return 0
	case c == '<':
		if len(b) > 3 && b[2] == '>' && bytes.IndexByte([]byte("DIWEF"), b[1]) >= 0 && h.level == nil { // Murmur
			h.level = b[1:2]
			return 3
		}
		if end := bytes.IndexByte(b[:min(len(b), 16)], '>'); end > 0 && h.level == nil && h.stamps > 0 && isLevel(b[1:end]) { // ClickHouse
			h.level = b[1:end]
			return end + 1
		}
		return 0
	case c == '{' && h.stamps > 0 && h.id == nil: // an id in braces
		if end := bytes.IndexByte(b[:min(len(b), 64)], '}'); end > 8 && isID(b[1:end]) {
			h.id = b[1:end]
			return end + 1
		}
		return 0
	}
	return h.word(b)
}

// bracket reads "[...]": a stamp, a level, a logger, a thread or an id.
func (h *head) bracket(b []byte, s *Scratch) int {
	end := bytes.IndexByte(b[:min(len(b), 160)], ']')
	if end < 1 {
		return 0
	}
	in := bytes.TrimSpace(b[1:end])
	n := end + 1
	if string(in) == "Nest" { // "[Nest] 7  - 08/02/2023, 7:32:47 PM"
		if dash := bytes.Index(b[n:min(len(b), n+16)], []byte("- ")); dash > 0 {
			return n + dash + 2
		}
	}
	for n < len(b) && b[n] == ':' {
		n++
	}
	if h.stamps == 0 {
		if t, w := s.Any(in, true); w > 0 {
			h.stamp, h.stamps = t, 1
			h.more(bytes.TrimSpace(in[w:]))
			return n
		}
	}
	switch {
	case len(in) == 0:
	case len(in) == 1 && bytes.IndexByte([]byte("TDIWEFC"), in[0]) >= 0 && h.level == nil: // Gitea
		h.level = in
	case h.stamps == 0 && h.level == nil:
		if bytes.IndexByte(in, ' ') >= 0 {
			return 0
		}
		if isLevel(in) {
			h.level = in
		} else {
			h.early = in
		}
	case h.stamps > 0 && h.within == nil && isContext(in):
		h.within = in
	case h.client == nil && isAddressPort(upTo(in, "#")): // LiteSpeed adds the virtual host
		h.client = upTo(in, "#")
	case h.stamps > 0 && len(in) > 4 && in[3] == ' ' && parseStatus(in[:3]) != 0: // "[403 Forbidden]"
		h.status = parseStatus(in[:3])
	case bytes.IndexByte(in, ' ') > 0:
		// Words already, unless a level follows.
		if level, _ := takeLevel(trimSpaces(b[n:])); level == nil {
			return 0
		}
	case isLevel(in):
		if h.level == nil {
			h.level = in
		}
	case h.logger == nil && isLoggerName(in) && (h.level != nil || !h.levelAhead(b[n:])):
		h.logger = in
	case h.id == nil && len(in) >= 8 && isID(in):
		h.id = in
	}
	return n
}

// levelAhead reports whether a level follows at the start of b: what stands in
// brackets before it is a thread.
func (h *head) levelAhead(b []byte) bool {
	level, _ := takeLevel(trimSpaces(b))
	return level != nil
}

// more reads what shares brackets with the stamp: "[2026-11-22T00:12:31Z WARN module]".
func (h *head) more(b []byte) {
	word, rest := cutByte(b, ' ')
	if isLevel(word) {
		h.level = word
		rest = bytes.TrimSpace(rest)
		if len(rest) > 0 && isLoggerName(rest) {
			h.logger = rest
		}
	}
}

// word reads a level, a process id, a thread or a logger's name.
func (h *head) word(b []byte) int {
	n := 0
	for n < len(b) && b[n] > ' ' && b[n] != ':' && b[n] != '[' && b[n] != '|' && b[n] != ']' && b[n] != '=' {
		n++
		if n > 100 {
			return 0
		}
	}
	if n < len(b) && b[n] == ':' && n+1 < len(b) && b[n+1] == ':' { // a Rust or C++ path
		for n < len(b) && b[n] > ' ' && (b[n] != ':' || n+1 < len(b) && b[n+1] != ' ') && n < 100 {
			n++
		}
	}
	if n == 0 {
		return 0
	}
	word := b[:n]
	rest := b[n:]
	if h.stamps > 0 && h.level == nil && string(word) == "PHP" { // "PHP Warning:  text"
		if i := bytes.IndexByte(rest[:min(len(rest), 24)], ':'); i > 4 {
			switch level := rest[1:i]; string(level) {
			case "Fatal error", "Parse error", "Recoverable fatal error", "Warning", "Notice", "Deprecated":
				h.level, h.logger = level, word
				return n + i + 1
			}
		}
	}
	if h.stamps > 0 && len(rest) > 0 && (rest[0] == '=' || rest[0] == '|' || rest[0] == ':') {
		if n := h.odd(word, rest); n > 0 {
			return n
		}
	}
	colon := len(rest) > 0 && rest[0] == ':'
	if h.level == nil && isLevel(word) && (len(rest) > 0 && (rest[0] == ' ' || rest[0] == '|' || rest[0] == '[' || colon || rest[0] == '\t')) {
		h.level = word
		if colon {
			n++
		}
		return n
	}
	if h.stamps == 0 {
		return 0
	}
	if isDigits(word) && n < 8 && !colon && len(rest) > 0 && rest[0] == ' ' && !h.thread && h.logger == nil && (h.level != nil && n != 3 || h.levelAhead(rest)) {
		return n
	}
	if colon && isExceptionName(word[bytes.LastIndexAny(word, `.\:`)+1:]) { // "TokenExpiredError: jwt expired"
		h.class = word
		return 0
	}
	if h.logger != nil || h.thread {
		return 0
	}
	switch {
	case colon && len(rest) > 1 && (rest[1] == ' ' || rest[1]-'0' <= 9) && isLoggerName(word):
		if rest[1] != ' ' { // file.go:42
			k := 1
			for k < len(rest) && (rest[k]-'0' <= 9 || rest[k] == ':') {
				k++
			}
			if k < len(rest) && rest[k] != ' ' && rest[k] != ']' {
				return 0
			}
			h.logger = word
			return n + k
		}
		h.logger = word
		return n + 1
	case h.level != nil && len(rest) > 2 && rest[0] == ' ' && isDotted(word):
		h.logger = word
		return n
	case h.level != nil && len(rest) > 2 && rest[0] == ' ' && isLoggerName(word) && dottedAhead(rest[1:]): // Odoo: the database
		return n
	case bytes.HasPrefix(bytes.TrimLeft(rest, " "), []byte("- ")) && isLoggerName(word):
		h.logger = word
		return n
	}
	return 0
}

// odd reads what stands between stamp and words in some layouts: "request_id=x"
// (Elixir), "|-1|" (Centreon), "auth.go:206:SignInPost()" (Gitea).
func (h *head) odd(word, rest []byte) int {
	switch rest[0] {
	case '=':
		if h.id == nil && keyMeanings.find(hashKey(hashSeed, word)).field == fRequestID {
			v, end := pickedValue(rest, 1)
			h.id = v
			return len(word) + end
		}
	case '|':
		if isNumber(word) {
			return len(word)
		}
	case ':':
		if h.logger == nil && bytes.HasSuffix(word, []byte(".go")) {
			line, after, ok := bytes.Cut(rest[1:], []byte{':'})
			name, _, ok2 := bytes.Cut(after[:min(len(after), 80)], []byte("() "))
			if ok && ok2 && isDigits(line) && bytes.IndexByte(name, ' ') < 0 {
				h.logger = word
				return len(word) + len(line) + len(name) + 4
			}
		}
	}
	return 0
}

// dottedAhead reports whether b begins with the dotted name of a logger and a colon.
func dottedAhead(b []byte) bool {
	word, _ := cutByte(b[:min(len(b), 100)], ' ')
	return len(word) > 3 && word[len(word)-1] == ':' && isDotted(word[:len(word)-1])
}

// isLoggerName reports whether b can name a logger, module or file: no spaces, and
// more than a number.
func isLoggerName(b []byte) bool {
	if len(b) < 2 || len(b) > 100 || b[0]-'0' <= 9 {
		return false
	}
	for i, c := range b {
		if c == '/' && i > 0 && b[i-1] == '/' {
			return false
		}
		if !keyByte[c] && c != ':' && c != '$' && c != '\\' && c != '#' {
			return false
		}
	}
	return true
}

// isDotted reports whether b is a name of parts: package.module, a::b.
func isDotted(b []byte) bool {
	if !isLoggerName(b) {
		return false
	}
	i := bytes.IndexAny(b, ".:$\\")
	return i > 0 && i+1 < len(b) && isWord(b[len(b)-1])
}

// isAddressPort reports whether b is an IP address, with or without a port.
func isAddressPort(b []byte) bool {
	host, _ := splitPort(b)
	return isAddress(host)
}
