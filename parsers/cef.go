package parsers

import "bytes"

var _ = register(Parser{
	Name: "cef",
	Doc: `ArcSight CEF and IBM LEEF: security products, behind syslog or not

"CEF:0|vendor|product|version|id|name|severity|key=value ...", a value with spaces
up to the next key; LEEF parts its pairs by tabs. The code is the event's id.`,
	First: "CL",
	Order: 18,
	Parse: parseCEF,
})

func parseCEF(r *Record, s *Scratch) bool {
	t := r.Text
	leef := hasPrefix(t, "LEEF:")
	if !leef && !hasPrefix(t, "CEF:") {
		return false
	}
	columns := 7
	if leef {
		columns = 5
		if hasPrefix(t, "LEEF:2") {
			columns = 6 // the delimiter is named
		}
	}
	var column [7][]byte
	rest := t
	for i := range columns {
		end := cefBar(rest)
		if end < 0 {
			return false
		}
		column[i], rest = rest[:end], rest[end+1:]
	}
	r.Logger = column[2]
	r.Code = dash(column[4])
	if !leef {
		r.Message, r.Level = column[5], column[6]
	}
	reasons := 0
	for len(rest) > 0 {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			break
		}
		key := bytes.TrimSpace(rest[:eq])
		end := cefValueEnd(rest[eq+1:], leef)
		value := bytes.TrimSpace(rest[eq+1 : eq+1+end])
		rest = rest[eq+1+end:]
		r.addAttr(key, value)
		if string(key) == "reason" || string(key) == "msg" {
			if reasons++; reasons <= 2 && len(value) > 0 {
				text := r.Message
				r.Message = value
				r.lead(text, s)
			}
			continue
		}
		r.cefField(key, value, s)
	}
	return true
}

// cefBar returns where the next bar stands that no backslash guards.
func cefBar(b []byte) int {
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' {
			i++
		} else if b[i] == '|' {
			return i
		}
	}
	return -1
}

// cefValueEnd returns where the value at the start of b ends: before the word
// that the next '=' belongs to, or at the next tab.
func cefValueEnd(b []byte, tabs bool) int {
	space := -1
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			i++
		case c == '\t':
			return i
		case tabs:
		case c == ' ':
			space = i
		case c == '=' && space >= 0:
			return space
		case !isWord(c) && c != '.' && c != '-':
			if space >= 0 && i > space {
				space = -1 // no key: go on to the next word
			}
		}
	}
	return len(b)
}

func (r *Record) cefField(key, value []byte, s *Scratch) {
	switch string(key) {
	case "src", "sourceAddress", "c6a2":
		if r.Client == nil {
			r.setClient(value)
		}
	case "spt", "srcPort":
		r.ClientPort = value
	case "duser", "usrName", "accountName":
		r.setUser(value)
	case "suser":
		if r.User == nil {
			r.setUser(value)
		}
	case "requestMethod", "method":
		if isMethod(value) {
			r.Method = value
		}
	case "request", "url":
		r.setURL(value)
	case "requestClientApplication", "userAgent":
		r.UserAgent = value
	case "dhost":
		r.setDomain(value)
	case "dvchost":
		r.Upstream = value
	case "rt", "devTime", "end", "start":
		if when, n := s.Any(value, true); n > 0 && r.Time == 0 {
			when.Set(r)
		}
	case "outcome", "act":
		switch {
		case bytes.EqualFold(value, []byte("failure")), bytes.EqualFold(value, []byte("failed")), bytes.EqualFold(value, []byte("denied")):
			r.Outcome = Failure
		case bytes.EqualFold(value, []byte("success")):
			r.Outcome = Success
		}
	}
}
