package parsers

import "bytes"

var _ = register(Parser{
	Name: "windows-event-xml",
	Doc: `Windows event log as XML

https://learn.microsoft.com/windows/win32/wes/eventschema-schema. The code is the
event's number and, where it has them, its status or sub-status: "4625.0xc000006a".`,
	Layer: IDP,
	First: "<",
	Order: 30,
	Parse: parseWindowsEvent,
})

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

func parseWindowsEvent(r *Record, s *Scratch) bool {
	t := r.Text
	if !hasPrefix(t, "<Event ") && !hasPrefix(t, "<Event>") && !(hasPrefix(t, "<?xml") && bytes.Contains(t[:min(len(t), 120)], []byte("<Event "))) {
		return false
	}
	id := after(after(t, "<EventID"), ">")
	if id = upTo(id, "<"); !isDigits(id) {
		return false
	}
	r.Code = id
	if stamp := after(t, "SystemTime="); len(stamp) > 20 {
		if when, n := s.ISO(stamp[1:]); n > 0 {
			when.Set(r)
		}
	}
	r.Logger = xmlAttr(t, "<Provider ", "Name=")
	r.Upstream = xmlText(t, "<Computer>")
	var status, substatus []byte
	data := after(t, "<EventData")
	for range 256 {
		data = after(data, "<Data")
		if data == nil {
			break
		}
		key := xmlAttr(data, "", "Name=")
		value := xmlText(data, ">")
		if dash(value) == nil {
			continue
		}
		r.addAttr(key, value)
		switch string(key) {
		case "TargetUserName", "AccountName":
			r.setUser(value)
		case "IpAddress", "ClientAddress":
			if !r.setAddress(bytes.TrimPrefix(value, []byte("::ffff:"))) {
				r.setAddress(value)
			}
		case "IpPort", "ClientPort":
			r.ClientPort = value
		case "Status", "ErrorCode", "FailureCode":
			status = value
		case "SubStatus":
			substatus = value
		case "WorkstationName", "Workstation":
		}
	}
	if r.Client == nil {
		r.ClientPort = nil
	}
	if len(substatus) > 0 && string(substatus) != "0x0" {
		status = substatus
	}
	if len(status) > 0 {
		r.Code = s.join(".", id, status)
	}
	if m := xmlText(t, "<Message>"); m != nil {
		r.Message = m
	}
	return true
}

// xmlText returns the text between the first mark and the next "<".
func xmlText(b []byte, mark string) []byte {
	b = after(b, mark)
	if i := bytes.IndexByte(b, '<'); i >= 0 {
		return b[:i]
	}
	return nil
}

// xmlAttr returns the value of the attribute name behind mark, in the same tag.
func xmlAttr(b []byte, mark, name string) []byte {
	if mark != "" {
		b = after(b, mark)
	}
	b = after(upTo(b, ">"), name)
	if len(b) < 2 {
		return nil
	}
	if i := bytes.IndexByte(b[1:], b[0]); i >= 0 {
		return b[1 : 1+i]
	}
	return nil
}

func parseSAML(r *Record, s *Scratch) bool {
	t := r.Text
	head := t[:min(len(t), 400)]
	if !bytes.Contains(head, []byte(":Status>")) && !bytes.Contains(head, []byte("<Status>")) && !bytes.Contains(head, []byte("Response ")) &&
		!bytes.Contains(head, []byte("StatusCode ")) {
		return false
	}
	const mark = "urn:oasis:names:tc:SAML:2.0:status:"
	i := bytes.LastIndex(t, []byte(mark))
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
