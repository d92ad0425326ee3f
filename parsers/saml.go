package parsers

import "bytes"

var _ = register(Parser{
	Name: "saml-xml",
	Doc: `SAML 2.0 responses and their status

https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf, 3.2.2.2.
The code is the innermost status code.`,
	Layer: IDP,
	First: "<",
	Order: 31,
	Parse: parseSAML,
})

func parseSAML(r *Record, s *Scratch) bool {
	t := r.Text
	head := t[:min(len(t), 400)]
	if !bytes.Contains(head, []byte(":Status>")) && !bytes.Contains(head, []byte("<Status>")) && !bytes.Contains(head, []byte("Response ")) &&
		!bytes.Contains(head, []byte("StatusCode ")) {
		return false
	}
	const mark = "urn:oasis:names:tc:SAML:2.0:status:"
	codes := t
	if text := bytes.Index(t, []byte("StatusMessage")); text > 0 && bytes.Contains(t[:text], []byte(mark)) { // its words follow the codes
		codes = t[:text]
	}
	i := bytes.LastIndex(codes, []byte(mark))
	if i < 0 {
		return false
	}
	code := t[i+len(mark):]
	end := bytes.IndexAny(code, `"'`)
	if end < 1 {
		return false
	}
	r.Code = code[:end]
	r.Message = t[i : i+len(mark)+end]
	if text := xmlText(after(t, "StatusMessage"), ">"); len(text) > 0 {
		r.Message = text
	}
	if r.Outcome = Failure; string(r.Code) == "Success" {
		r.Outcome = Success
	}
	if stamp := xmlAttr(t, "Response ", "IssueInstant="); stamp != nil {
		if when, n := s.ISO(stamp); n > 0 {
			when.Set(r)
		}
	}
	return true
}
