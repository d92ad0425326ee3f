package parsers

import (
	"bufio"
	"bytes"
)

// Formats of captured exchanges. They are no formats of log lines, so that they
// are not registered.
var (
	transcriptFormat = &Parser{Name: "http-transcript"}
	harFormat        = &Parser{Name: "har"}
)

// A transcript reads what a client prints of HTTP: curl -v, curl -i, curl --trace
// and --trace-ascii, Wget -S and -d, HTTPie -v.
type transcript struct {
	r      *bufio.Reader
	number int64 // of the line in hand, from 1
	line   []byte
	err    error

	x        *Exchange // being read
	done     *Exchange // and the one before, read to its end
	state    transcriptState
	section  []byte // of a trace: what was sent or received
	from, to int64  // the lines of what is being taken
	offset   int    // of a trace: where the next chunk goes on if no line ended
	hex      bool   // a trace in hexadecimal
	prefixed bool   // lines of heads have "> " and "< ": others are none
	headed   bool   // an answer's head has ended
	host     []byte // last connected to
	wanted   bool   // the server asked for a certificate there
}

// A transcriptState says what a line without a mark belongs to.
type transcriptState uint8

const (
	plainText transcriptState = iota
	requestHead
	requestBody
	answerHead
	answerBody
	indentedHead // Wget -S
)

// isTranscript reports whether head, the beginning of a file, shows an exchange.
func isTranscript(head []byte) bool {
	first := true
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(unmarked(line), "\r\n")
		if len(line) == 0 {
			continue
		}
		switch method, _, _ := requestLine(line); {
		case bytes.HasPrefix(line, []byte("< ")) && statusOf(line[2:]) > 0,
			bytes.HasPrefix(line, []byte("> ")) && isRequestLine(line[2:]),
			bytes.HasPrefix(line, []byte("  HTTP/")) && statusOf(line[2:]) > 0,
			bytes.HasPrefix(line, []byte("=> Send header, ")), bytes.HasPrefix(line, []byte("---request begin---")):
			return true
		case !first:
		case statusOf(line) > 0, method != nil, hasAnyPrefix(line, openings):
			return true
		}
		first = false
	}
	return false
}

// openings are what the first line of a transcript can begin with.
var openings = [][]byte{
	[]byte("*   Trying "), []byte("* Host "), []byte("* Trying "), []byte("* Uses proxy env "), []byte("* Rebuilt URL "), []byte("* Added "),
	[]byte("* Connected to "), []byte("* Could not resolve "), []byte("* Hostname "), []byte("* About to connect"), []byte("* Re-using "),
	[]byte("* STATE: "), []byte("* processing: "), []byte("* !!! "), []byte("* timeout on name lookup"), []byte("== Info: "),
	[]byte("  % Total    % Received"), []byte("Note: Unnecessary use of -X"), []byte("DEBUG output created by Wget "),
	[]byte("$ curl "), []byte("+ curl "), []byte("curl -"), []byte("$ wget "), []byte("$ http "),
}

func hasAnyPrefix(b []byte, list [][]byte) bool {
	for _, p := range list {
		if bytes.HasPrefix(b, p) {
			return true
		}
	}
	return false
}

// unmarked returns line without curl's progress meter, and without the time and
// the numbers that curl or a CI system may write before it.
func unmarked(line []byte) []byte {
	if i := bytes.LastIndexByte(line[:max(0, len(line)-1)], '\r'); i >= 0 && i+1 < len(line) && line[i+1] != '\n' {
		line = line[i+1:]
	}
	if n := meterEnd(line); n > 0 {
		line = line[n:]
	}
	if len(line) > 20 && line[0]-'0' <= 9 {
		c := Clock{slot: -1}
		if _, n := c.ISO(line); n > 0 && n+1 < len(line) && line[n] == ' ' {
			line = line[n+1:]
		} else if line[2] == ':' && line[5] == ':' && line[8] == '.' && line[15] == ' ' && isDigits(line[9:15]) {
			line = line[16:]
		}
	}
	if len(line) > 6 && line[0] == '[' { // [0-0]: connection and transfer
		ids, rest, ok := bytes.Cut(line[1:], []byte("] "))
		if ok && len(bytes.Trim(ids[:min(len(ids), 24)], "0123456789x-")) == 0 && bytes.IndexByte(ids, '-') > 0 {
			line = rest
		}
	}
	return line
}

// meterEnd returns the length of the line of curl's progress meter at the start
// of b, 0 for none; other text follows without a line ending.
func meterEnd(b []byte) int {
	const width = 70
	n := 0
	for n < len(b) && (b[n]-'0' <= 9 || bytes.IndexByte([]byte(" :-.kMGTP"), b[n]) >= 0) {
		n++
	}
	if n < width || bytes.Count(b[:n], []byte(":")) < 6 {
		return 0
	}
	return n
}

// requestLine splits "GET /path HTTP/1.1", and what has no protocol is none.
func requestLine(b []byte) (method, target []byte, ok bool) {
	method, rest := cutByte(b, ' ')
	target, protocol := cutByte(rest, ' ')
	if !isMethod(method) || len(target) == 0 || !isProtocol(bytes.TrimRight(protocol, " ")) {
		return nil, nil, false
	}
	return method, target, true
}

func isRequestLine(b []byte) bool { _, _, ok := requestLine(b); return ok }

// statusOf returns the status of "HTTP/1.1 401 Unauthorized", 0 if b is none.
func statusOf(b []byte) uint16 {
	if !bytes.HasPrefix(b, []byte("HTTP/")) {
		return 0
	}
	protocol, rest := cutByte(b, ' ')
	if len(protocol) > len("HTTP/1.1") {
		return 0
	}
	code, _ := cutByte(rest, ' ')
	return parseStatus(code)
}

func (t *transcript) next() (*Exchange, error) {
	for t.done == nil {
		if t.err != nil {
			t.closeSection()
			t.begin(nil)
			if t.done == nil {
				return nil, t.err
			}
			break
		}
		if t.read(); len(t.line) > 0 || t.err == nil {
			t.take(t.line)
		}
	}
	x := t.done
	t.done = nil
	return x, nil
}

// read reads one line, of which what is beyond maxCaptured is skipped.
func (t *transcript) read() {
	t.line = t.line[:0]
	for first := true; ; first = false {
		part, err := t.r.ReadSlice('\n')
		if first && len(part) > 0 {
			t.number++
		}
		t.line = append(t.line, part[:min(len(part), max(0, maxCaptured-len(t.line)))]...)
		if err == bufio.ErrBufferFull {
			continue
		}
		t.err = err
		break
	}
	t.line = bytes.TrimRight(t.line, "\r\n")
}

// begin ends the exchange in hand and goes on with x.
func (t *transcript) begin(x *Exchange) {
	if old := t.x; old != nil && (old.Status > 0 || old.TLS != nil || old.Method != nil) {
		t.done = old
	}
	t.x, t.headed = x, false
	if x != nil {
		x.Line, x.Lines, x.Format = t.from, 1, transcriptFormat
	}
}

// mine notes that the line in hand belongs to the exchange.
func (t *transcript) mine() { t.x.Lines = int(t.to-t.x.Line) + 1 }

// take takes one line.
func (t *transcript) take(raw []byte) {
	line := unmarked(raw)
	if t.traced(line) {
		return
	}
	t.from, t.to = t.number, t.number
	mark, text := byte(0), line
	if len(line) >= 2 && line[1] == ' ' || len(line) == 1 {
		mark, text = line[0], line[min(len(line), 2):]
	}
	switch {
	case mark == '>' && (isRequestLine(text) || t.prefixed):
		t.prefixed = true
		t.sent(text)
	case mark == '<' && (statusOf(text) > 0 || t.prefixed):
		t.prefixed = true
		t.got(text)
	case mark == '*' && t.state < answerHead:
		t.said(text)
	case (mark == '{' || mark == '}') && bytes.HasSuffix(text, []byte(" bytes data]")):
	case bytes.HasPrefix(line, []byte("curl: (")):
		t.said(line)
	case bytes.HasPrefix(line, []byte("  % Total  ")), bytes.HasPrefix(line, []byte("                                 Dload ")):
	case t.prefixed:
		if t.x != nil && t.x.Status > 0 {
			t.body(line)
		}
	default:
		t.bare(line)
	}
}

// bare takes a line of a transcript whose heads stand as they are.
func (t *transcript) bare(line []byte) {
	switch {
	case isRequestLine(line):
		t.sent(line)
		t.state = requestHead
		return
	case statusOf(line) > 0:
		t.got(line)
		t.state = answerHead
		return
	case bytes.HasPrefix(line, []byte("  HTTP/")) && statusOf(line[2:]) > 0:
		t.got(line[2:])
		t.state = indentedHead
		return
	case bytes.HasPrefix(line, []byte("---request end---")), bytes.HasPrefix(line, []byte("---response end---")):
		t.state = plainText
		return
	case len(line) > 4 && line[0] == '-' && line[1] == '-' && line[2]-'0' <= 9: // Wget: --2026-03-14 09:26:53--  http://...
		if i := bytes.Index(line, []byte("--  http")); i > 0 {
			t.begin(&Exchange{})
			t.x.setURL(bytes.Clone(line[i+4:]))
		}
		t.state = plainText
		return
	}
	switch t.state {
	case requestHead:
		if len(line) == 0 {
			t.state = requestBody
		} else {
			t.sent(line)
		}
	case answerHead:
		if len(line) == 0 {
			t.state = answerBody
		}
		t.got(line)
	case answerBody:
		t.body(line)
	case indentedHead:
		if !bytes.HasPrefix(line, []byte("  ")) {
			t.state = plainText
			break
		}
		t.got(line[2:])
	case plainText:
		if rest, ok := bytes.CutPrefix(line, []byte("Skipping ")); ok && t.x != nil {
			if _, body, ok := bytes.Cut(rest, []byte(" bytes of body: [")); ok {
				t.body(bytes.TrimSuffix(body, []byte("] done.")))
			}
		}
	}
}

// sent takes a line of a request's head.
func (t *transcript) sent(line []byte) {
	if method, target, ok := requestLine(line); ok {
		wget := t.x // it has told the URL before
		if wget == nil || wget.Method != nil || wget.Status > 0 || wget.URL == nil {
			t.begin(&Exchange{})
		}
		t.x.setTarget(method, target)
		t.x.Request = Headers{}
	} else if t.x != nil && t.x.Status == 0 {
		t.x.Request.add(line)
	}
	if t.x != nil {
		t.mine()
	}
}

// got takes a line of an answer's head.
func (t *transcript) got(line []byte) {
	status := statusOf(line)
	if status > 0 && (t.x == nil || t.x.Status >= 200) {
		t.begin(&Exchange{})
	}
	switch {
	case t.x == nil:
		return
	case status > 0: // after an interim answer, another
		t.x.Status, t.x.Response, t.headed = status, Headers{}, false
	case len(line) == 0:
		t.headed = true
	case t.headed:
		t.body(line)
	default:
		t.x.Response.add(line)
	}
	t.mine()
}

// body takes a line of an answer's body.
func (t *transcript) body(line []byte) {
	for _, note := range [...]string{"* Connection #", "* Closing connection"} { // curl's, after a body without a last line ending
		if i := bytes.Index(line, []byte(note)); i > 0 {
			line = line[:i]
		}
	}
	if t.x == nil || len(line) == 0 {
		return
	}
	t.x.keep(append(bytes.TrimRight(line, "\r"), '\n'))
	t.mine()
}

func (x *Exchange) keep(body []byte) {
	x.Body = append(x.Body, body[:min(len(body), maxCaptured-len(x.Body))]...)
}

// said takes what the client says of the connection.
func (t *transcript) said(text []byte) {
	text = bytes.TrimLeft(text, " ")
	if rest, ok := bytes.CutPrefix(text, []byte("Connected to ")); ok {
		host, _ := cutByte(rest, ' ')
		t.host, t.wanted = bytes.Clone(host), false
	}
	t.wanted = t.wanted || bytes.Contains(text, []byte("Request CERT"))
	alert := alertOf(text)
	if alert == nil {
		return
	}
	if t.x == nil || t.x.Status > 0 {
		t.begin(&Exchange{})
		t.x.Domain = t.host
	}
	if t.x.TLS == nil {
		if t.x.TLS = alert; t.wanted && string(alert) == "handshake failure" {
			t.x.TLS = []byte("handshake failure, after the server had asked for a certificate")
		}
	}
	t.mine()
}

// alerts are TLS alerts about a client's certificate (RFC 8446, section 6.2), as
// libraries name them.
var alerts = [...]string{
	"certificate required", "bad certificate", "unsupported certificate", "certificate revoked", "certificate expired",
	"certificate unknown", "unknown ca", "access denied", "handshake failure", "no certificate",
}

// alertOf returns the alert that the server sent, nil if text tells none.
func alertOf(text []byte) []byte {
	low := bytes.ReplaceAll(bytes.ToLower(text[:min(len(text), 512)]), []byte{'_'}, []byte{' '})
	if !bytes.Contains(low, []byte("alert")) || bytes.Contains(low, []byte("(out)")) {
		return nil
	}
	for _, a := range alerts {
		if bytes.Contains(low, []byte(a)) {
			return []byte(a)
		}
	}
	return nil
}

// add appends a field line; what is none is left out.
func (h *Headers) add(line []byte) {
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok || len(name) == 0 || len(*h) == maxHeaders || bytes.IndexByte(name, ' ') >= 0 {
		return
	}
	*h = append(*h, Header{bytes.Clone(name), append([]byte{}, bytes.Trim(value, " \t\r")...)})
}

func (t *transcript) lines() int64 { return t.number }
