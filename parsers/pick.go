package parsers

import "bytes"

// pick takes from a text in plain words what is unmistakable in it: an address
// after "from", key=value pairs, a request, a status. It sets what is not set
// yet, and Message, from which the path of a request is left out.
func (r *Record) pick(text []byte, s *Scratch) { r.pickBehind(text, s, false) }

// pickBehind is pick; weak says that the client's address stood in brackets before text:
// it is the writer's own if the words announce another.
func (r *Record) pickBehind(text []byte, s *Scratch, weak bool) {
	r.Message = text
	if len(text) > 18 && text[0] == '[' && r.RequestID == nil && r.TraceID == nil {
		if in, _, ok := cutBracket(text[:min(len(text), 200)]); ok && len(in) >= 16 && (isID(in) || isContext(in)) {
			r.context(in)
		}
	}
	if hasPrefix(text, "method=") && r.Lines == 1 { // Lograge
		r.Message = nil
		r.readPairs(text, s)
		return
	}
	line := text
	if r.Lines > 1 || len(r.Wrappers) > 0 {
		line, _ = cutByte(text, '\n')
	}
	line = line[:min(len(line), 4096)]
	if hasPrefix(line, "Request ") && r.pickASPNET(text, line, s) {
		return
	}
	lone := loneAddress{weak: weak}
	afterR := false // a word that ends in r was seen: "user", "for"
	for i := 0; i < len(line); i++ {
		switch pickByte[line[i]] {
		case 6: // ' '
			afterR = afterR || i > 0 && line[i-1] == 'r'
		case 1: // '.' between digits
			if i == 0 || i+1 == len(line) || line[i-1]-'0' > 9 || line[i+1]-'0' > 9 {
				continue
			}
			start, end := hostAround(line, i)
			i = end
			host, port := splitPort(line[start:end])
			if !isIPv4(host) && !isIPv6(host) {
				if host, port = portBehindDot(host); host == nil {
					continue
				}
			}
			r.pickAddress(line, start, end, host, port, &lone)
		case 2: // ':'
			i = r.pickColon(line, i, &lone, s)
		case 3: // '='
			switch {
			case i == 0 || i+1 >= len(line) || line[i+1] == '=':
			case line[i+1] == ' ':
				if name, _ := pickedValue(line, i+2); r.User == nil && line[i-1] == ' ' && isUserWord(wordBefore(line[:i])) { // Cisco
					r.setUser(name)
				}
			case keyByte[line[i-1]]:
				i = r.pickPair(line, i, s) - 1
			}
		case 4: // '/' after a method
			if r.Method == nil && r.URL == nil && i > 3 && line[i-1] == ' ' {
				i, line = r.pickRequest(text, line, i, s)
			}
		case 5: // a quote after "user ", or before a request with a whole URL
			if r.Time == 0 && line[i] == '[' && i+24 < len(line) && line[i+3] == '/' { // an access line behind a logger's head
				if when, n := s.CLF(line[i+1:]); n > 0 {
					when.Set(r)
					i += n
					continue
				}
			}
			if r.User == nil && i > 4 {
				if end := quotedUser(line, i); end > 0 {
					r.setUser(line[i+1 : end])
					i = end
					continue
				}
			}
			if at := i + 1 + bytes.IndexByte(line[i+1:min(len(line), i+9)], ' ') + 1; r.URL == nil && at > i+4 && hasPrefix(line[at:], "http") {
				i, line = r.pickRequest(text, line, at, s)
			}
		}
	}
	if r.Client == nil && lone.end > 0 && !lone.many {
		if r.Client, r.ClientPort = lone.host, lone.port; lone.port == nil {
			r.ClientPort = portAfter(line[lone.end:])
		}
		if r.User == nil {
			r.setUser(userBefore(line, lone.start))
		}
	}
	if letIn(line) {
		r.Outcome = Success
	}
	if r.User == nil {
		r.pickUser(line, afterR)
	}
	if r.Status == 0 {
		r.pickStatus(line)
	}
	if n := len(line); n > 8 && line[n-1] == '}' && len(line) == len(r.Message) && len(r.Attrs) == 0 {
		r.pickJSON(line, s)
	}
	if r.Lines > 1 && r.ErrorType == nil {
		r.pickException(text)
	}
}

// letIn knows the lines with which Dovecot and OpenSMTPD say that somebody got in:
// "imap-login: Login: user=<bob>, ...", "id smtp authentication user=bob ... result=ok",
// whose id has 16 digits.
func letIn(line []byte) bool {
	if len(line) > 42 && line[16] == ' ' && hasPrefix(line[17:], "smtp authentication user=") {
		return bytes.HasSuffix(line, []byte(" result=ok"))
	}
	if len(line) < 24 || line[0] != 'L' && line[4] != '-' && line[5] != '-' && line[11] != '-' {
		return false
	}
	i := bytes.Index(line[:min(len(line), 36)], []byte("Login: user=<"))
	return i == 0 || i > 8 && bytes.HasSuffix(line[:i], []byte("-login: "))
}

// pickJSON reads an object that ends the line: fields of its own, and of the
// message what is not its keys.
func (r *Record) pickJSON(line []byte, s *Scratch) {
	i := bytes.Index(line, []byte(`{"`))
	if i < 0 {
		return
	}
	kept := *r
	w := &s.walk
	w.reset()
	if end := w.run(r, s, line[i:], -1); end != len(line)-i {
		kept.Attrs = r.Attrs[:0]
		*r = kept
		return
	}
	words := bytes.TrimRight(line[:i], " -:|")
	r.Message = nil
	w.finish(r, s)
	if len(words) > 0 && len(r.Message) > 0 {
		n := len(s.buf)
		s.buf = append(append(append(s.buf, words...), " | "...), r.Message...)
		r.Message = s.buf[n:]
	} else if len(words) > 0 {
		r.Message = words
	}
	r.keep(&kept)
}

// keep puts back what the line itself said, which counts more than what an object in it says.
func (r *Record) keep(k *Record) {
	for _, f := range [...]struct{ to, from *[]byte }{
		{&r.Client, &k.Client}, {&r.User, &k.User}, {&r.Method, &k.Method}, {&r.URL, &k.URL}, {&r.Path, &k.Path}, {&r.Level, &k.Level},
		{&r.Logger, &k.Logger}, {&r.RequestID, &k.RequestID}, {&r.Forwarded, &k.Forwarded},
	} {
		if *f.from != nil {
			*f.to = *f.from
		}
	}
	if k.Time != 0 {
		r.Time, r.Assumed = k.Time, k.Assumed
	}
	if k.Status != 0 {
		r.Status = k.Status
	}
}

// pickException sets ErrorType from the first exception on a line of its own.
func (r *Record) pickException(text []byte) {
	_, rest := cutByte(text, '\n')
	for range 8 {
		line, after := cutByte(rest, '\n')
		if kindOf(line) == exception {
			r.ErrorType = exceptionClass(line)
			return
		}
		if after == nil {
			return
		}
		rest = after
	}
}

var pickByte = func() (t [256]uint8) {
	t['.'], t[':'], t['='], t['/'], t[' '] = 1, 2, 3, 4, 6
	t['\''], t['"'], t['`'], t['['], t['<'] = 5, 5, 5, 5, 5
	return t
}()

func wordMeaning(word []byte) field {
	if len(word) < 2 || len(word) > 24 {
		return fNone
	}
	return keyMeanings.find(hashKey(hashSeed, word)).field
}

// pickColon looks at an IPv6 address, or at "name: value".
func (r *Record) pickColon(b []byte, i int, lone *loneAddress, s *Scratch) int {
	if i+1 >= len(b) {
		return i
	}
	if b[i+1] == ' ' {
		if i < 2 || r.Client != nil && r.User != nil && r.Status != 0 {
			return i
		}
		start := i
		for start > 0 && keyByte[b[start-1]] {
			start--
		}
		word := b[start:i]
		if len(word) == 5 && hasSuffixFold(word, "users") || len(word) == 4 && hasSuffixFold(word, "name") && isUserWord(wordBefore(b[:start])) { // "User Name: kim"
			return r.pickNamed(b, i, start-len("user "))
		}
		switch wordMeaning(word) {
		case fClient:
			v, end := pickedValue(b, i+2)
			if host, _ := splitPort(v); r.Client == nil && isAddress(host) {
				r.setClient(v)
				return end - 1
			}
		case fURL:
			if v, end := pickedValue(b, i+2); r.URL == nil && len(v) > 0 && v[0] == '/' {
				r.setURL(v)
				return end - 1
			}
		case fUser:
			if isUserWord(b[start:i]) {
				return r.pickNamed(b, i, start)
			}
		}
		return i
	}
	if (b[i+1] == ':' || b[i+1]-'0' <= 9 || b[i+1]|0x20-'a' <= 5) && (i == 0 || b[i-1] == ' ' || b[i-1] == '[' || b[i-1] == '"' || b[i-1] == '\'' || b[i-1] == '`' || b[i-1] == '(' || b[i-1] == '=' || b[i-1]-'0' <= 9 || b[i-1]|0x20-'a' <= 5) {
		start, end := hostAround(b, i)
		if start > i {
			return i // a dotted quad, found by its dots
		}
		if host := b[start:end]; end-start > 2 && isIPv6(host) && (start == 0 || !isWord(b[start-1])) {
			r.pickAddress(b, start, end, host, nil, lone)
		}
		return max(i, end-1)
	}
	return i
}

// pickNamed takes the name behind the colon at b[i], whose key starts at start.
func (r *Record) pickNamed(b []byte, i, start int) int {
	v, end := pickedValue(b, i+2)
	if r.User != nil || len(v) == 0 {
		return i
	}
	quoted := b[i+2] == '"' || b[i+2] == '\'' || b[i+2] == '`'
	if quoted || end >= len(b)-1 || aroundName[b[end]] || v[len(v)-1] == ':' || i-start > 4 && !isProse(v) {
		if !quoted {
			v = bytes.TrimRight(v, ".:")
		}
		r.setUser(v)
		return end - 1
	}
	return i
}

var aroundName = setOf(",)|];")

// pickedValue returns the word or quoted text at b[i:] and where it ends.
func pickedValue(b []byte, i int) (v []byte, end int) {
	if i >= len(b) {
		return nil, i
	}
	if q := b[i]; q == '"' || q == '\'' || q == '`' {
		n := bytes.IndexByte(b[i+1:], q)
		if n < 0 {
			return nil, i
		}
		return b[i+1 : i+1+n], i + n + 2
	}
	end = i
	for end < len(b) && b[end] > ' ' && b[end] != ',' && b[end] != ';' && b[end] != ')' && b[end] != ']' && b[end] != '|' && b[end] != '}' {
		end++
	}
	return b[i:end], end
}

// pickPair reads key=value around the '=' at b[i] and returns where it ends.
func (r *Record) pickPair(b []byte, i int, s *Scratch) int {
	start := i
	for start > 0 && keyByte[b[start-1]] && b[start-1] != '/' {
		start--
	}
	m := keyMeanings.find(hashKey(hashSeed, b[start:i]))
	if m.field == fNone || m.field == fMessage {
		if r.ClientPort == nil && len(r.Client) > 0 && start > 0 && string(b[start:i]) == "port" && bytes.HasSuffix(b[:start-1], r.Client) { // Courier
			r.ClientPort = portOf(b[i+1:])
		}
		return i + 1
	}
	if start > 0 && b[start-1] != ' ' && b[start-1] != '[' && b[start-1] != '(' && b[start-1] != ',' && b[start-1] != '{' && b[start-1] != ';' && b[start-1] != '|' && b[start-1] != '<' && b[start-1] != ':' {
		return i + 1 // a query parameter, or the like
	}
	v, end := pickedValue(b, i+1)
	if m.field == fUser && i-start == len("sub") && (bytes.Contains(b[end:], []byte(" user=")) || bytes.Contains(b[end:], []byte("] Event "))) {
		return end // a subsystem: of Sophos UTM, of VMware
	}
	if i+1 < len(b) && b[i+1] == '<' && m.field == fUser { // Dovecot: "user=<a b>, "
		if n := bytes.Index(b[i:], []byte(">,")); n > 1 {
			v, end = b[i+1:i+n+1], i+n+1
		}
	}
	v = bytes.TrimPrefix(v, []byte{'['})
	if bracket := bytes.IndexByte(v, '['); bracket > 0 && m.field == fClient { // Postfix: "client=unknown[192.0.2.1]"
		v = v[bracket+1:]
	}
	if n := len(v); n > 1 && v[0] == '<' && v[n-1] == '>' { // Dovecot
		v = v[1 : n-1]
	}
	switch {
	case len(v) == 0:
	case m.field == fHost:
		if _, port := splitPort(v); port == nil {
			return i + 1 // an address may be the client's
		}
	case m.field == fPort && r.ClientPort == nil && isDigits(v):
		r.ClientPort = v
	case m.field == fClient && r.Client == nil:
		if host, _ := splitPort(v); isAddress(host) {
			r.setClient(v)
		}
	case m.field == fUser && r.User == nil && len(v) <= 256:
		if !isDigits(v) || isUserWord(b[start:i]) { // "uid=0" names nobody
			if open := bytes.IndexByte(v, '('); open > 0 { // "user=kim(uid=7)"
				v = v[:open]
			}
			r.setUser(v)
		}
	case m.field == fStatus && r.Status == 0:
		r.Status = parseStatus(v)
	case m.field == fMethod && r.Method == nil && isRequestMethod(v):
		r.Method = v
	case m.field == fURL && r.URL == nil && (v[0] == '/' || bytes.Contains(v[:min(len(v), 12)], []byte("://"))):
		r.setURL(v)
	case m.field == fRequestID && r.RequestID == nil:
		r.RequestID = v
	case m.field == fTraceID && r.TraceID == nil:
		r.TraceID = traceID(v)
	case m.field == fCode && r.Code == nil && m.any && len(v) < 80:
		r.Code = v
	case m.field == fErrorType && r.ErrorType == nil:
		r.ErrorType = v
	}
	return end
}

// pickRequest reads "GET /path" or "GET /path HTTP/1.1" where the URL stands at
// line[i], and takes the path out of the message. It returns where to go on, and
// the line as it is then.
func (r *Record) pickRequest(text, line []byte, i int, s *Scratch) (int, []byte) {
	last := i - 1                                               // of the method, and one
	if last > 4 && line[last-1] == '-' && line[last-2] == ' ' { // Ktor: "GET - /path"
		last -= 2
	}
	start := last
	for start > 0 && line[start-1]-'A' <= 25 {
		start--
	}
	if last-start < 3 || !isRequestMethod(line[start:last]) || start > 0 && isWord(line[start-1]) {
		return i, line
	}
	end := i
	for end < len(line) && line[end] > ' ' && line[end] != '"' && line[end] != '\'' && line[end] != ',' && line[end] != ')' && line[end] != ']' {
		end++
	}
	for end > i+1 && (line[end-1] == ':' || line[end-1] == '.') {
		end--
	}
	r.Method = line[start:last]
	r.setURL(line[i:end])
	if r.Status == 0 {
		if r.Status = statusBehind(line[end:]); r.Status == 0 {
			r.Status = statusAhead(line[:start])
		}
	}
	n := len(s.buf)
	s.buf = append(append(append(s.buf, text[:i]...), '/'), text[end:]...)
	r.Message = s.buf[n:]
	line = r.Message[:min(len(r.Message), 4096)]
	if k := bytes.IndexByte(line[i:], '\n'); k >= 0 { // not before: places there are known
		line = line[:i+k]
	}
	return i, line
}

// statusBehind reads the status that a request's line goes on with: " 401", " HTTP/1.1 401",
// " -> 401", " responded 401 in 3 ms", " from 192.0.2.1:5022 - 401".
func statusBehind(b []byte) uint16 {
	b = b[:min(len(b), 96)]
	for range 6 {
		b = bytes.TrimLeft(b, " \t-=>:,([\"\u2192")
		if len(b) >= 3 && b[0]-'1' <= 4 {
			if len(b) > 3 && (isWord(b[3]) || b[3] == '.' || b[3] == '/' || isUnit(b[4:])) {
				return 0
			}
			return parseStatus(b[:3])
		}
		word, rest := cutWord(b)
		switch string(bytes.TrimRight(word, ":,=")) {
		case "from", "for", "by": // whom
			_, rest = cutWord(rest)
		case "responded", "returned", "answered", "completed", "finished", "ended", "failed", "refused", "rejected", "denied", "gave", "with", "status", "code", "HTTP", "response":
		default:
			if !isProtocol(word) {
				return 0
			}
		}
		b = rest
	}
	return 0
}

// statusAhead reads the status that a message begins with, where a request follows:
// "401 ", "[401] ", "401 Unauthorized: " (Ktor).
func statusAhead(b []byte) uint16 {
	b = bytes.TrimPrefix(b, []byte{'['})
	if len(b) < 4 || b[3] != ' ' && b[3] != ']' && b[3] != ':' {
		return 0
	}
	for i, c := range b[4:] { // a reason phrase, no more
		if i > 32 || c != ' ' && c != ':' && c != '-' && c != '\'' && c|0x20-'a' > 25 {
			return 0
		}
	}
	return parseStatus(b[:3])
}

// isUnit reports that b begins with what a number before it counts.
func isUnit(b []byte) bool {
	word, _ := cutWord(b)
	switch string(bytes.TrimRight(word, ".,;)]")) {
	case "ms", "s", "us", "µs", "ns", "bytes", "byte", "B", "KB", "kB", "kb", "seconds", "milliseconds", "items", "rows", "records", "times", "requests", "results", "entries":
		return true
	}
	return false
}

func isRequestMethod(b []byte) bool {
	switch string(b) {
	case "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND", "CONNECT", "TRACE", "REPORT", "MKCOL", "MOVE", "COPY", "LOCK":
		return true
	}
	return false
}

// pickStatus finds a status that "status", "code" or "HTTP" announces.
func (r *Record) pickStatus(b []byte) {
	for at := 0; at < len(b); {
		i := bytes.IndexByte(b[at:], '4')
		if i < 0 {
			return
		}
		at += i + 1
		i = at - 1
		if i < 5 || i+3 > len(b) || i+3 < len(b) && isWord(b[i+3]) || b[i-1] != ' ' && b[i-1] != ':' && b[i-1] != '(' {
			continue
		}
		word := bytes.TrimRight(b[:i], " :(=")
		if j := bytes.LastIndexAny(word, " \t,;([{|"); j >= 0 {
			word = word[j+1:]
		}
		if wordMeaning(word) == fStatus || string(word) == "HTTP" || string(word) == "HTTP/1.1" || string(word) == "Completed" || string(word) == "Status" || string(word) == "Response" ||
			string(word) == "returned" && r.Method != nil {
			r.Status = parseStatus(b[i : i+3])
			if r.Status != 0 {
				return
			}
		}
	}
}
