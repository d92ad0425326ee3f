package parsers

import (
	"bufio"
	"bytes"
	"io"
	"time"
)

// An Exchange is one request and its answer as a client captured them. It owns
// its memory, and holds the credentials that were sent: who shows of it anything
// but its Record, cleaned, must take care.
type Exchange struct {
	// Record is what an entry of a log would say of it. Time is the answer's Date,
	// Message the words of the answer's body, Format how it was captured.
	Record

	Request, Response Headers
	Body              []byte // the beginning of the answer's body, as sent
	TLS               []byte // what ended the connection, in the words of the TLS library
	Seen              int64  // client's clock when the request went out, Unix nanoseconds; 0 when unknown

	// Sanitised means that who captured it may have left credentials out: that
	// there are none in it says little.
	Sanitised bool
}

// A Header is one field line, its name as written.
type Header struct{ Name, Value []byte }

// Headers are field lines in their order.
type Headers []Header

// Get returns the value of the first header of this name, nil where there is none.
func (h Headers) Get(name string) []byte {
	for i := range h {
		if equalsFold(h[i].Name, name) {
			return h[i].Value
		}
	}
	return nil
}

// All returns the values of every header of this name.
func (h Headers) All(name string) (values [][]byte) {
	for i := range h {
		if equalsFold(h[i].Name, name) {
			values = append(values, h[i].Value)
		}
	}
	return values
}

// An ExchangeReader reads captured exchanges, one after another.
type ExchangeReader struct {
	in interface {
		// next returns the next exchange as it was captured, and io.EOF after the last.
		next() (*Exchange, error)
		lines() int64 // read so far
	}
	scratch Scratch
}

// What of one exchange is kept, in bytes; the rest of a longer part is skipped.
const (
	maxCaptured = 64 << 10 // of one header, or of an answer's body
	maxHeaders  = 256      // field lines of one message
)

// Captured returns a reader of the exchanges in r, or nil where head, the first
// bytes of r, is none of: what curl (-v, -i, --trace-ascii), Wget (-S, -d) or
// HTTPie (-v) show, or a HAR file.
func Captured(head []byte, r io.Reader) *ExchangeReader {
	switch {
	case isHAR(head):
		return &ExchangeReader{in: &harReader{json: jsonStream{r: bufio.NewReaderSize(r, 64<<10), line: 1}}}
	case isTranscript(head):
		return &ExchangeReader{in: &transcript{r: bufio.NewReaderSize(r, 64<<10)}}
	}
	return nil
}

// Next returns the next exchange; the error is io.EOF after the last, and else
// says why reading ended.
func (e *ExchangeReader) Next() (*Exchange, error) {
	x, err := e.in.next()
	if x != nil {
		if e.scratch.inner.formats == nil {
			e.scratch.init(nil, time.Unix(1, 0))
			e.scratch.inner.formats = new(candidates)
		}
		x.read(&e.scratch)
	}
	return x, err
}

// Lines returns how many lines were read so far.
func (e *ExchangeReader) Lines() int64 { return e.in.lines() }

// read sets x.Record from the rest.
func (x *Exchange) read(s *Scratch) {
	s.buf = nil // what lies there is the exchange's now
	words := x.words(s)
	at := x.Record // what the capture says goes before what the body says
	x.Record = Record{Text: words}
	if len(words) > 1 && words[0] == '{' && parseJSON(&x.Record, s) {
		x.Outcome, x.Level = OutcomeUnknown, nil
		x.Attrs = append([]Attr(nil), x.Attrs...)
	} else {
		x.Record = Record{Message: words}
	}
	x.Line, x.Lines, x.Format, x.Text = at.Line, at.Lines, at.Format, nil
	x.Client, x.ClientPort, x.User, x.Time, x.Assumed = nil, nil, nil, 0, 0
	x.Method, x.URL, x.Path, x.Domain, x.Status = at.Method, at.URL, at.Path, at.Domain, at.Status
	x.UserAgent, x.Origin = x.Request.Get("User-Agent"), x.Request.Get("Origin")
	if host, _ := splitPort(x.Request.Get("Host")); x.Domain == nil && isHost(host) {
		x.Domain = host
	}
	for _, name := range [...]string{"X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Amzn-Requestid", "Cf-Ray"} {
		if id := x.Response.Get(name); id != nil && len(x.RequestID) == 0 {
			x.RequestID = id
		}
	}
	if date, err := time.Parse(time.RFC1123, string(x.Response.Get("Date"))); err == nil {
		x.Time = date.UnixNano()
	}
	x.Challenge = joined(x.Response.All(x.asks()))
	switch credentials := x.Credentials(); {
	case len(credentials) > 0:
		x.Sent = SentPresent
		if scheme, rest := cutByte(credentials[0], ' '); len(rest) > 0 {
			x.Scheme = scheme
		}
	case x.Request != nil && !x.Sanitised && x.Request.Get("Cookie") == nil:
		x.Sent = SentAbsent
	}
}

// Credentials returns the values of Authorization, or of Proxy-Authorization
// where the proxy answered.
func (x *Exchange) Credentials() [][]byte {
	if x.Status == 407 || string(x.Method) == "CONNECT" {
		return x.Request.All("Proxy-Authorization")
	}
	return x.Request.All("Authorization")
}

// asks is the name of the header with the challenge: the proxy's own for 407.
func (x *Exchange) asks() string {
	if x.Status == 407 {
		return "Proxy-Authenticate"
	}
	return "WWW-Authenticate"
}

// joined returns values as one, as RFC 9110 section 5.3 allows.
func joined(values [][]byte) []byte {
	if len(values) < 2 {
		return bytes.Join(values, nil)
	}
	return bytes.Join(values, []byte(", "))
}

// words returns what the body says: an object of JSON as it is, of markup the text.
func (x *Exchange) words(s *Scratch) []byte {
	body := bytes.TrimSpace(x.Body)
	if x.Status < 400 && (len(body) == 0 || body[0] != '{') {
		return nil // a page, not a refusal
	}
	if len(body) == 0 || body[0] != '<' {
		return body
	}
	var text []byte
	for len(body) > 0 && len(text) < maxText {
		if body[0] != '<' {
			end := bytes.IndexByte(body, '<')
			if end < 0 {
				end = len(body)
			}
			if t := bytes.TrimSpace(body[:end]); len(t) > 0 {
				text = append(append(text, t...), '\n')
			}
			body = body[end:]
			continue
		}
		close := []byte(">")
		for _, hidden := range [...]string{"script", "style", "svg"} {
			if len(body) > len(hidden) && equalsFold(body[1:1+len(hidden)], hidden) {
				close = []byte("</" + hidden)
			}
		}
		end := bytes.Index(body, close)
		if end < 0 {
			break
		}
		body = body[end+len(close):]
	}
	return bytes.TrimSpace(text)
}

const maxText = 4 << 10 // of a page's words

// equalsFold reports whether b is name in any case; name is ASCII.
func equalsFold(b []byte, name string) bool {
	return len(b) == len(name) && bytes.EqualFold(b, []byte(name))
}

// setTarget sets the request's target; target may be absolute, or an authority (CONNECT).
func (x *Exchange) setTarget(method, target []byte) {
	x.Method = bytes.Clone(method)
	x.URL = bytes.Clone(target)
	if string(method) == "CONNECT" {
		x.setDomain(x.URL)
		return
	}
	x.setURL(x.URL)
}
