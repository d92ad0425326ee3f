package parsers

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"time"
)

// A harReader reads a HAR file (HTTP Archive 1.2) as browsers, proxies and test
// tools write it, entry by entry.
type harReader struct {
	json    jsonStream
	scratch Scratch
	begun   bool
	ended   bool
	opened  bool // an entry had credentials: they were not left out
}

// isHAR reports whether head is the beginning of a HAR file. Log lines, too, may
// have an object "log": that of a HAR begins with one of its own members.
func isHAR(head []byte) bool {
	for _, want := range [...]string{"{", `"log"`, ":", "{"} {
		head = bytes.TrimLeft(head, spaces)
		if !bytes.HasPrefix(head, []byte(want)) {
			return false
		}
		head = head[len(want):]
	}
	head = bytes.TrimLeft(head, spaces)
	for _, member := range [...]string{`"version"`, `"creator"`, `"browser"`, `"pages"`, `"entries"`, `"comment"`} {
		if bytes.HasPrefix(head, []byte(member)) {
			return true
		}
	}
	return false
}

var errHAR = errors.New("it is no whole HAR file: what came before its end was read; export it again")

func (h *harReader) next() (*Exchange, error) {
	if !h.begun {
		h.begun = true
		h.ended = !h.entries()
		if h.ended {
			return nil, errHAR
		}
	}
	if h.ended {
		return nil, io.EOF
	}
	c := h.json.token()
	if c == ',' {
		c = h.json.token()
	}
	if c == ']' {
		h.ended = true
		return nil, io.EOF
	}
	x := &Exchange{Record: Record{Line: h.json.line, Format: harFormat}, Request: Headers{}}
	if c != '{' || !h.entry(x) {
		h.ended = true
		return nil, errHAR
	}
	x.Lines = int(h.json.line-x.Line) + 1
	h.opened = h.opened || x.Request.Get("Authorization") != nil || x.Request.Get("Cookie") != nil || x.Response.Get("Set-Cookie") != nil
	x.Sanitised = !h.opened
	return x, nil
}

func (h *harReader) lines() int64 { return h.json.line }

// entries reads up to the first entry.
func (h *harReader) entries() bool {
	j := &h.json
	if j.token() != '{' || j.token() != '"' || !j.str() || j.token() != ':' || j.token() != '{' {
		return false
	}
	for {
		c := j.token()
		if c == ',' {
			c = j.token()
		}
		if c != '"' || !j.str() {
			return false
		}
		found := string(j.buf) == "entries"
		if j.token() != ':' {
			return false
		}
		if found {
			return j.token() == '['
		}
		if !j.value(j.token(), maxNesting, nil) {
			return false
		}
	}
}

// entry reads an entry, whose brace has been read.
func (h *harReader) entry(x *Exchange) bool {
	var method, url, body []byte
	coded := false
	own := func(v []byte) []byte {
		h.scratch.buf = nil
		if bytes.IndexByte(v, '\\') >= 0 {
			return h.scratch.Unescape(v)
		}
		return append([]byte{}, v...)
	}
	ok := h.json.object(maxNesting, func(path, v []byte) {
		switch string(path) {
		case ".startedDateTime":
			if at, err := time.Parse(time.RFC3339Nano, string(v)); err == nil {
				x.Seen = at.UnixNano()
			}
		case ".request.method":
			method = own(v)
		case ".request.url":
			url = own(v)
		case ".request.headers.name":
			x.Request.name(own(v))
		case ".request.headers.value":
			x.Request.value(own(v))
		case ".response.headers.name":
			x.Response.name(own(v))
		case ".response.headers.value":
			x.Response.value(own(v))
		case ".response.status":
			x.Status = parseStatus(v)
		case ".response.content.text":
			body = own(v)
		case ".response.content.encoding":
			coded = string(v) == "base64"
		case ".response._error", "._error", ".response.statusText":
			if alert := browserAlert(string(v)); alert != "" {
				x.TLS = []byte(alert)
			}
		}
	})
	if coded {
		n, _ := base64.StdEncoding.Decode(body, body[:len(body)&^3])
		body = body[:n]
	}
	x.setTarget(method, url)
	x.Body = body
	return ok
}

// browserAlert returns the TLS alert behind a browser's word for it, "" for none.
func browserAlert(v string) string {
	switch v {
	case "net::ERR_SSL_CLIENT_AUTH_CERT_NEEDED", "SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT":
		return "certificate required"
	case "net::ERR_BAD_SSL_CLIENT_AUTH_CERT", "SSL_ERROR_BAD_CERT_ALERT":
		return "bad certificate"
	case "SSL_ERROR_UNKNOWN_CA_ALERT":
		return "unknown ca"
	case "SSL_ERROR_REVOKED_CERT_ALERT":
		return "certificate revoked"
	case "SSL_ERROR_EXPIRED_CERT_ALERT":
		return "certificate expired"
	}
	return ""
}

// name and value set the halves of a header, which come in either order.
func (h *Headers) name(v []byte) {
	if n := len(*h); n > 0 && (*h)[n-1].Name == nil {
		(*h)[n-1].Name = v
	} else if n < maxHeaders {
		*h = append(*h, Header{Name: v})
	}
}

func (h *Headers) value(v []byte) {
	if n := len(*h); n > 0 && (*h)[n-1].Value == nil {
		(*h)[n-1].Value = v
	} else if n < maxHeaders {
		*h = append(*h, Header{Value: v})
	}
}

// A jsonStream reads a document of any length in bounded memory: of a string
// what is beyond maxCaptured is skipped.
type jsonStream struct {
	r    *bufio.Reader
	line int64  // of what was read last, from 1
	buf  []byte // the last string or literal, as written
	path []byte // the names that lead to what is being read, a dot before each
}

const maxNesting = 1000

// token skips blanks and returns the byte after them, 0 at the end.
func (j *jsonStream) token() byte {
	for {
		c, err := j.r.ReadByte()
		switch {
		case err != nil:
			return 0
		case c == '\n':
			j.line++
		case c != ' ' && c != '\t' && c != '\r':
			return c
		}
	}
}

// value reads a value that begins with c and calls visit, if it isn't nil, for
// every string and literal in it. What visit gets is valid during the call only;
// elements of an array have the array's path.
func (j *jsonStream) value(c byte, depth int, visit func(path, v []byte)) bool {
	switch {
	case depth == 0 || c == 0:
		return false
	case c == '{':
		return j.object(depth-1, visit)
	case c == '[':
		for {
			if c = j.token(); c == ',' {
				c = j.token()
			}
			if c == ']' {
				return true
			}
			if !j.value(c, depth-1, visit) {
				return false
			}
		}
	case c == '"':
		if !j.str() {
			return false
		}
	default:
		if !j.literal(c) {
			return false
		}
	}
	if visit != nil {
		visit(j.path, j.buf)
	}
	return true
}

// object reads the members of an object, whose brace has been read.
func (j *jsonStream) object(depth int, visit func(path, v []byte)) bool {
	for {
		c := j.token()
		if c == ',' {
			c = j.token()
		}
		if c == '}' {
			return true
		}
		if c != '"' || !j.str() || j.token() != ':' {
			return false
		}
		n := len(j.path)
		j.path = append(append(j.path, '.'), j.buf[:min(len(j.buf), 64)]...)
		if !j.value(j.token(), depth, visit) {
			return false
		}
		j.path = j.path[:n]
	}
}

// str reads a string, whose quote has been read, into buf.
func (j *jsonStream) str() bool {
	j.buf = j.buf[:0]
	for escaped := false; ; {
		part, err := j.r.ReadSlice('"')
		j.buf = append(j.buf, part[:min(len(part), maxCaptured-len(j.buf))]...)
		if err != nil && err != bufio.ErrBufferFull {
			return false
		}
		text := bytes.TrimSuffix(part, []byte{'"'})
		if slashes := len(text) - len(bytes.TrimRight(text, `\`)); slashes < len(text) || !escaped {
			escaped = slashes%2 == 1
		} else {
			escaped = slashes%2 == 0
		}
		if err == nil && !escaped {
			j.buf = bytes.TrimSuffix(j.buf, []byte{'"'})
			return true
		}
		escaped = escaped && err != nil
	}
}

// literal reads a number, true, false or null that begins with c.
func (j *jsonStream) literal(c byte) bool {
	j.buf = append(j.buf[:0], c)
	for {
		c, err := j.r.ReadByte()
		if err != nil {
			return false
		}
		if c == ',' || c == '}' || c == ']' || c <= ' ' || len(j.buf) > 64 {
			_ = j.r.UnreadByte()
			return len(j.buf) <= 64
		}
		j.buf = append(j.buf, c)
	}
}
