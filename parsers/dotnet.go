package parsers

import "bytes"

var _ = register(Parser{
	Name: "dotnet-console",
	Doc: `.NET console logger (Microsoft.Extensions.Logging)

"info: Category[7]" and the message on indented lines, or on the same line
(SingleLine), with or without a stamp before; and the systemd formatter's
"<6>Category[7] text". The error code is IDXnnnnn where the message has one.
https://learn.microsoft.com/dotnet/core/extensions/console-log-formatter`,
	Layer: App,
	First: "tdiwfce<0123456789[",
	Order: 42,
	Parse: parseDotnet,
})

func parseDotnet(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 12 {
		return false
	}
	var when Stamp
	rest := t
	if c := t[0]; c-'0' <= 9 || c == '[' {
		n := 0
		colon := bytes.Index(t[:min(len(t), 48)], []byte(": "))
		if colon < 4 {
			return false
		}
		if _, level := cutLastWord(t[:colon]); !isLevel(bytes.TrimLeft(level, "]")) {
			return false
		}
		if c == '[' {
			rest = t[1:]
		}
		if rest[2] == ':' {
			when, n = s.TimeOfDay(rest)
		} else if rest[4] == '-' || rest[2] == '/' || rest[1] == '/' {
			when, n = s.Any(rest, false)
		}
		if n == 0 {
			return false
		}
		rest = bytes.TrimLeft(rest[n:], "] ")
	}
	var level []byte
	if len(rest) > 4 && rest[0] == '<' && rest[2] == '>' && rest[1]-'0' < 8 {
		level, rest = severity[rest[1]-'0'], rest[3:]
	} else {
		colon := bytes.IndexByte(rest[:min(len(rest), 13)], ':')
		if colon < 3 || colon+2 > len(rest) || rest[colon+1] != ' ' || !isLevel(rest[:colon]) {
			return false
		}
		level, rest = rest[:colon], rest[colon+2:]
	}
	// Category[event]
	open := bytes.IndexByte(rest, '[')
	if open < 1 || bytes.IndexByte(rest[:open], ' ') >= 0 || bytes.IndexByte(rest[:open], '\n') >= 0 {
		return false
	}
	event, text, ok := cutBracket(rest[open:])
	if !ok || !isDigits(bytes.TrimPrefix(event, []byte("-"))) {
		return false
	}
	if when.Time != 0 {
		when.Set(r)
	}
	r.Level, r.Logger = level, rest[:open]
	if hasPrefix(r.Logger, "Microsoft.AspNetCore.Auth") { // authentication and authorization, between a request's start and end
		r.Part = GoesOn
	}
	r.addAttr(eventID, event)
	r.Message = bytes.TrimSpace(text)
	dotnetDetails(r)
	r.pick(r.Message, s)
	return true
}

var eventID = []byte("event.id")

// severity names the levels of syslog, RFC 5424 section 6.2.1.
var severity = [8][]byte{[]byte("emerg"), []byte("alert"), []byte("crit"), []byte("err"), []byte("warning"), []byte("notice"), []byte("info"), []byte("debug")}

// dotnetDetails finds the code of Microsoft.IdentityModel and the first exception.
func dotnetDetails(r *Record) {
	if i := bytes.Index(r.Message, []byte("IDX")); i >= 0 {
		n := i + 3
		for n < len(r.Message) && r.Message[n]-'0' <= 9 {
			n++
		}
		if n >= i+7 {
			r.Code = r.Message[i:n]
		}
	}
	if i := bytes.Index(r.Message, []byte("Exception: ")); i > 0 {
		start := i
		for start > 0 && (isWord(r.Message[start-1]) || r.Message[start-1] == '.') {
			start--
		}
		r.ErrorType = r.Message[start : i+len("Exception")]
	}
}

// pickASPNET reads what ASP.NET Core's hosting says of each request, to whichever
// logger: "Request finished HTTP/1.1 GET https://host/x - 401 0 - 1.2ms", with the type
// and length of what was sent before the first "-" until .NET 7, and until .NET Core 3
// "Request finished in 1.2ms 401 text/plain", which leaves the rest to "Request starting".
func (r *Record) pickASPNET(text, line []byte, s *Scratch) bool {
	part, rest := Begins, after(line, "Request starting ")
	if rest == nil {
		part, rest = Ends, after(line, "Request finished ")
	}
	if hasPrefix(rest, "in ") && part == Ends {
		_, rest = cutWord(rest[3:])
		if r.Status = parseStatus(rest[:min(len(rest), 3)]); r.Status == 0 {
			return false
		}
		r.Part = Ends
		return true
	}
	protocol, request := cutWord(rest)
	method, url := cutWord(request)
	if !isProtocol(protocol) || !isRequestMethod(method) || len(url) == 0 {
		return false
	}
	r.pickRequest(text, line, len(line)-len(url), s)
	r.Part = part
	if part == Begins {
		return r.URL != nil
	}
	for answer := after(url, " - "); len(answer) > 3; answer = after(answer, "- ") {
		if answer[3] == ' ' {
			if r.Status = parseStatus(answer[:3]); r.Status != 0 {
				break
			}
		}
	}
	return r.URL != nil
}
