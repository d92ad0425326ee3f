package parsers

import "bytes"

var _ = register(Parser{
	Name: "artifactory-access",
	Doc: `Artifactory access log

"stamp [trace] [ACTION] repository:path for user/address." The code is the action.`,
	Layer: App,
	First: "2",
	Order: 50,
	Parse: parseArtifactory,
})

func parseArtifactory(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 50 || t[10] != 'T' && t[10] != ' ' || t[4] != '-' {
		return false
	}
	open := bytes.IndexByte(t[19:min(len(t), 34)], '[') + 19
	if open < 20 || t[open-1] != ' ' || t[open-2] != 'Z' && t[open-2]-'0' > 9 {
		return false
	}
	trace, rest, ok := cutBracket(t[open:])
	if !ok || !isID(bytes.TrimSpace(trace)) && len(bytes.TrimSpace(trace)) > 0 {
		return false
	}
	action, rest, ok := cutBracket(rest)
	if !ok || !hasPrefix(action, "DENIED ") && !hasPrefix(action, "ACCEPTED ") {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 || n > open {
		return false
	}
	when.Set(r)
	r.TraceID = bytes.TrimSpace(trace)
	r.Code, r.Message = action, action
	r.Outcome = Success
	if action[0] == 'D' {
		r.Outcome = Failure
	}
	i := bytes.LastIndex(rest, []byte("for "))
	if bytes.HasSuffix(action, []byte(" LOGIN")) { // no path stands before the name
		i = bytes.Index(rest, []byte("for "))
	}
	if i >= 0 {
		who := bytes.TrimPrefix(upTo(bytes.TrimRight(rest[i+4:], "."), " ["), []byte("client : "))
		if j := bytes.LastIndexByte(who, '/'); j >= 0 {
			r.setUser(bytes.TrimSpace(who[:j]))
			r.setClient(bytes.TrimSpace(who[j+1:]))
		}
		if path := bytes.TrimRight(rest[:i], " "); len(path) > 0 {
			r.setURL(path)
		}
	}
	return true
}
