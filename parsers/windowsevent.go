package parsers

import "bytes"

var _ = register(Parser{
	Name: "windows-event-xml",
	Doc: `Windows event log as XML

https://learn.microsoft.com/windows/win32/wes/eventschema-schema. The code is the
event's number and, where it has them, its status or sub-status, "4625.0xc000006a",
or the reason's number of the Network Policy Server, "6273.16".`,
	Layer: IDP,
	First: "<",
	Order: 30,
	Parse: parseWindowsEvent,
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
	policyServer := len(id) == 4 && id[0] == '6' && id[1] == '2' && id[2] == '7' // 6272 to 6279: SubjectUserName is who asked
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
		case "SubjectUserName":
			if policyServer {
				r.setUser(value)
			}
		case "ReasonCode":
			if policyServer {
				status = value
			}
		case "Reason":
			r.Message = value
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
