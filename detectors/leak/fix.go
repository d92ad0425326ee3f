package leak

// Fix says in one sentence where to stop such a leak.
func Fix(s *Span) string {
	if f, ok := producerFix[s.Producer]; ok {
		return f
	}
	switch s.Location {
	case "header":
		return "log that the header was there and its scheme, never its value; rotate the credential"
	case "cookie":
		return "leave Cookie and Set-Cookie out of the log or keep their names alone; end the session"
	case "query":
		return "log the path without its query, or send the credential in a header; rotate it"
	case "body":
		return "don't log bodies of authentication requests; rotate the credential"
	case "userinfo":
		return "take user and password out of the URL before it is logged; change the password"
	case "command_line":
		return "pass the credential by file or environment, not as an argument; rotate it"
	}
	return "mask the value where it is logged; rotate the credential"
}
