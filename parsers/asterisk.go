package parsers

import "bytes"

var _ = register(Parser{
	Name: "asterisk",
	Doc: `Asterisk: messages and security events

"[stamp] LEVEL[thread][call] file.c: text"; a security event's text is
SecurityEvent="InvalidPassword",...,RemoteAddress="IPV4/UDP/192.0.2.1/5060", and its
code the event. https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Security-Event-Logger/`,
	Layer: App,
	First: "[",
	Order: 23,
	Parse: parseAsterisk,
})

func parseAsterisk(r *Record, s *Scratch) bool {
	stamp, rest, ok := cutBracket(r.Text[:min(len(r.Text), 200)])
	if !ok || len(stamp) < 15 {
		return false
	}
	open := bytes.IndexByte(rest[:min(len(rest), 12)], '[')
	if open < 4 || rest[0]-'A' > 25 || !isLevel(rest[:open]) && string(rest[:open]) != "SECURITY" && string(rest[:open]) != "DTMF" {
		return false
	}
	level := rest[:open]
	thread, rest, ok := cutBracket(rest[open:])
	if !ok || !isDigits(thread) {
		return false
	}
	if _, after, ok := cutBracket(rest); ok { // call
		rest = after
	}
	rest = bytes.TrimPrefix(rest, []byte(": "))
	file := upTo(rest, ":")
	if !bytes.HasSuffix(file, []byte(".c")) {
		return false
	}
	when, n := s.Any(stamp, false)
	if n == 0 {
		return false
	}
	when.Set(r)
	r.Level, r.Logger = level, file
	text := r.Text[min(len(r.Text), 200)-len(rest)+len(file):]
	text = trimSpaces(bytes.TrimPrefix(text, []byte(":")))
	if i := bytes.IndexByte(text[:min(len(text), 80)], ' '); i > 0 && bytes.HasSuffix(text[:i], []byte("()")) {
		text = trimSpaces(text[i:])
	} else if i := bytes.Index(text[:min(len(text), 80)], []byte(": SecurityEvent=")); i > 0 { // "114 function: "
		text = text[i+2:]
	}
	if hasPrefix(text, "SecurityEvent=") {
		r.asteriskEvent(text)
		return true
	}
	if i := bytes.LastIndex(text, []byte("' failed for '")); i > 0 {
		r.setAddress(text[i+len("' failed for '"):])
		if sip := afterLast(text[:i], "<sip:"); sip != nil { // '"name" <sip:1001@host>'
			r.setUser(upTo(upTo(sip, ">"), "@"))
		}
	}
	r.pick(text, s)
	return true
}

func (r *Record) asteriskEvent(b []byte) {
	for len(b) > 0 {
		eq := bytes.IndexByte(b, '=')
		if eq < 0 {
			return
		}
		value, rest, ok := cutQuoted(b[eq+1:])
		if !ok {
			return
		}
		key := b[:eq]
		b = bytes.TrimPrefix(rest, []byte(","))
		r.addAttr(key, value)
		switch string(key) {
		case "SecurityEvent":
			r.Code, r.Message = value, value
			if r.Outcome = Failure; string(value) == "SuccessfulAuth" {
				r.Outcome = Success
			}
			if string(value) == "ChallengeSent" {
				r.Outcome = OutcomeUnknown
			}
		case "AccountID":
			r.setUser(value)
		case "RemoteAddress": // IPV4/UDP/192.0.2.1/5060
			_, rest := cutByte(value, '/')
			_, rest = cutByte(rest, '/')
			addr, port := cutByte(rest, '/')
			if isAddress(addr) {
				r.Client, r.ClientPort = addr, port
			}
		}
	}
}
