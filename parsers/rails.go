package parsers

import "bytes"

var _ = register(Parser{
	Name: "rails",
	Doc: `Rails' console: the sentences of a request, with tags or without

"Started GET "/path" for 192.0.2.1 at ...", "Completed 401 Unauthorized in 5ms".`,
	Layer: App,
	First: "ABCDEFGHIJKLMNOPQRSTUVWXYZ[",
	Order: 45,
	Parse: parseRails,
})

func parseRails(r *Record, s *Scratch) bool {
	t := r.Text
	if t[0] == '[' { // tags alone tell nothing: a sentence of Rails must follow
		r.Message = t
		railsTags(r)
		if t = r.Message; len(t) == len(r.Text) || len(t) == 0 {
			r.restart()
			return false
		}
	}
	for _, begin := range [...]string{"Started ", "Processing by ", "Parameters: {", "Completed ", "Filter chain halted ", "Can't verify CSRF", "Redirected to "} {
		if !hasPrefix(t, begin) {
			continue
		}
		r.Message = t
		if !railsSentence(r) && begin != "Can't verify CSRF" {
			break
		}
		if at := afterLast(upTo(t, "\n"), " at "); begin == "Started " && at != nil {
			if when, n := s.ISO(at); n > 0 {
				when.Set(r)
			}
		}
		return true
	}
	r.restart()
	if t[0] == '[' {
		return false
	}
	// Class::Error (text):
	line := upTo(t, "\n")
	if colons := bytes.Index(line[:min(len(line), 60)], []byte("::")); colons > 1 && bytes.HasSuffix(line, []byte("):")) {
		if i := bytes.Index(line, []byte(" (")); i > colons && isLoggerName(line[:i]) {
			r.ErrorType, r.Message = line[:i], t
			return true
		}
	}
	return false
}

// railsTags takes tags from the message: "[request id] [192.0.2.1] text".
func railsTags(r *Record) {
	for {
		tag, rest, ok := cutBracket(r.Message)
		if !ok || len(tag) < 4 || len(tag) > 64 || bytes.IndexByte(tag, ' ') >= 0 || len(rest) == 0 {
			return
		}
		switch {
		case isAddress(tag):
			r.Client = tag
		case isID(tag) && r.RequestID == nil:
			r.RequestID = tag
		default:
			return
		}
		r.Message = trimSpaces(rest)
	}
}

// railsSentence reads the sentences that Rails logs for every request, and
// `POST /users/sign_in 401 text`, and reports whether the message is one.
func railsSentence(r *Record) bool {
	m := r.Message
	switch {
	case hasPrefix(m, "Started "):
		method, rest := cutWord(m[8:])
		end := bytes.LastIndex(upTo(rest, "\n"), []byte(`" for `)) // a path is not escaped
		if !isMethod(method) || end < 1 || rest[0] != '"' {
			return false
		}
		r.Part, r.Method = Begins, method
		r.setURL(rest[1:end])
		r.setAddress(rest[end+6:])
		r.Message = m[:7]
	case hasPrefix(m, "Completed "):
		status, _ := cutWord(m[10:])
		if r.Status = parseStatus(status); r.Status == 0 {
			return false
		}
		r.Part = Ends
	case hasPrefix(m, "Processing by "):
		r.Part = GoesOn
		r.Logger, _ = cutWord(m[14:])
		r.railsParameters(after(m[:min(len(m), 8192)], "\n  Parameters: {"))
	case hasPrefix(m, "Parameters: {"):
		r.Part = GoesOn
		r.railsParameters(m[:min(len(m), 8192)])
	case hasPrefix(m, "Filter chain halted "), hasPrefix(m, "Redirected to "):
		r.Part = GoesOn
	case hasPrefix(m, "Can't verify CSRF"):
		r.Part = GoesOn
		return false
	default:
		method, rest := cutWord(m)
		path, rest := cutWord(rest)
		status, rest := cutWord(rest)
		if isMethod(method) && len(path) > 0 && path[0] == '/' && parseStatus(status) > 0 {
			r.Method, r.Status = method, parseStatus(status)
			r.setURL(path)
			r.Message = rest
			return true
		}
		// Class::Error (Class::Error):
		if i := bytes.Index(m, []byte(" (")); i > 5 && bytes.IndexByte(m[:i], ' ') < 0 && bytes.Contains(m[:i], []byte("::")) {
			r.ErrorType = m[:i]
		}
		return false
	}
	return true
}

// railsParameters finds the name that a form sent: {"user"=>{"email"=>"kim"}}, with
// spaces around the arrow as of Ruby 3.4.
func (r *Record) railsParameters(m []byte) {
	for {
		i := bytes.Index(m, []byte("=>"))
		if i < 0 {
			return
		}
		key := bytes.TrimSuffix(bytes.TrimRight(m[:i], " "), []byte{'"'})
		key = key[bytes.LastIndexByte(key, '"')+1:]
		m = bytes.TrimLeft(m[i+2:], " ")
		if len(m) == 0 || m[0] != '"' || !isLoginKey(key) {
			continue
		}
		if name, _ := pickedValue(m, 0); len(name) > 0 && !hasPrefix(name, "[FILTERED]") {
			r.setUser(name)
			return
		}
	}
}

func isLoginKey(key []byte) bool {
	return string(key) == "email" || string(key) == "login" || isUserWord(key)
}
