package engine

import (
	"bytes"
	"io"
	"time"

	"why401/detectors"
	"why401/detectors/exchange"
	"why401/parsers"
)

// A capture reads the exchanges of an input that is no log but what a client
// captured of its own requests. One is read ahead: what follows may explain it.
type capture struct {
	in               *parsers.ExchangeReader
	prev, this, next *parsers.Exchange
	err              error // what ended the reading, io.EOF too
}

// newCapture returns nil where in holds a log.
func newCapture(in *input) *capture {
	head := make([]byte, 0, 4<<10)
	for len(head) < cap(head) {
		n, err := in.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		// A log's first line says what it is, and the next may be long in coming.
		if err != nil || in.stream && len(bytes.TrimSpace(head)) > 32 && bytes.IndexByte(head, '\n') >= 0 {
			break
		}
	}
	in.Reader = io.MultiReader(bytes.NewReader(head), in.Reader)
	reader := parsers.Captured(head, in)
	if reader == nil {
		return nil
	}
	c := &capture{in: reader}
	c.advance()
	return c
}

func (c *capture) advance() {
	c.prev, c.this, c.next = c.this, c.next, nil
	if c.err == nil {
		c.next, c.err = c.in.Next()
	}
}

// take puts the next exchange into j; false means that there is none.
func (c *capture) take(j *job) bool {
	c.advance()
	j.prev, j.exchange, j.next = c.prev, c.this, c.next
	return c.this != nil
}

func (c *capture) failed() error {
	if c.err == io.EOF {
		return nil
	}
	return c.err
}

// exchange explains one exchange.
func (p *pass) exchange(j *job, out *batch) {
	x, r := j.exchange, &j.exchange.Record
	p.out = out
	p.count(r)
	p.countRun()
	if p.bounded() && !p.within(r.Time) {
		return
	}
	// What must not be shown is found in the exchange as a whole.
	p.block = &parsers.Block{Source: j.stream.source, Data: wire(x)}
	p.spans = p.leaks.Scan(p.block)
	p.inside = p.spans
	judged := exchange.Judge(p.rules, j.prev, x, j.next, time.Now())
	e := Explanation{Event: Event{File: j.stream.source.Name, Record: r, Clean: p.cleanText}, Verdict: judged.Verdict}
	e.Verdict.Evidence = string(p.cleanText(bytesOf(judged.Evidence)))
	for _, s := range judged.Seen {
		e.Seen = append(e.Seen, string(p.cleanText(bytesOf(s))))
	}
	if judged.Unchallenged {
		e.Notes = append(e.Notes, unchallenged(e.File, r))
	}
	e.Fix = fix(p.cfg.Rules.Info(e.Verdict.Cause))
	out.out = p.cfg.Explain(out.out, &e)
	p.block, p.out = nil, nil
}

// unchallenged is the note about a refusal without a challenge.
func unchallenged(file string, r *parsers.Record) detectors.Note {
	n := detectors.Note{Type: "note", ID: "challenge_missing", File: file, Line: r.Line,
		Message: "a 401 without WWW-Authenticate doesn't say what to send (RFC 9110, section 11.6.1)"}
	if r.Status == 407 {
		n.Message = "a 407 without Proxy-Authenticate doesn't say what to send (RFC 9110, section 11.7.1)"
	}
	return n
}

// wire returns x as text in which credentials stand where logs have them.
func wire(x *parsers.Exchange) []byte {
	b := append(append([]byte(nil), x.Method...), ' ')
	b = append(append(b, x.URL...), '\n')
	for _, headers := range [...]parsers.Headers{x.Request, x.Response} {
		for _, h := range headers {
			b = append(append(append(append(b, h.Name...), ": "...), h.Value...), '\n')
		}
	}
	return append(b, x.Body...)
}
