package parsers

import "bytes"

// otlpRecords calls give with each record in a line of OpenTelemetry's file
// exporter, and with the attributes of what wrote it. One line holds many, in three
// lists: {"resourceLogs":[{"resource":{"attributes":[...]},"scopeLogs":[{"logRecords":
// [{...}]}]}]}. See logs.proto of OTLP and its JSON encoding.
func otlpRecords(text []byte, give func(log, origin []byte)) {
	key, value, ok := member(text[1:])
	if !ok || string(key) != "resourceLogs" || value[0] != '[' {
		return
	}
	for resource, rest := nextRecord(value[1:]); resource != nil; resource, rest = nextRecord(rest) {
		origin := memberAt(resource, []string{"resource", "attributes"})
		for scope, more := nextRecord(inside(resource, "scopeLogs")); scope != nil; scope, more = nextRecord(more) {
			for log, next := nextRecord(inside(scope, "logRecords")); log != nil; log, next = nextRecord(next) {
				give(log, origin)
			}
		}
	}
}

// inside returns what follows the opening bracket of the list that is a member of b.
func inside(b []byte, name string) []byte {
	if list := memberAt(b, []string{name}); len(list) > 1 && list[0] == '[' {
		return list[1:]
	}
	return nil
}

// otlpRecord appends a record as an object such as other shippers write.
func otlpRecord(dst, log, origin []byte) []byte {
	var seen []byte // when the collector saw it; the record's own time comes first
	timed := false
	dst = append(dst, '{')
	for rest := log[1:]; ; {
		key, value, ok := member(rest)
		if !ok {
			break
		}
		n := valueEnd(value)
		if n <= 0 { // cut off: what is there is told
			n = len(value)
		}
		rest, value = value[n:], value[:n]
		switch string(key) {
		case "timeUnixNano":
			if timed = string(value) != `"0"` && string(value) != "0"; timed {
				dst = otlpMember(dst, "timestamp", value)
			}
		case "observedTimeUnixNano":
			seen = value
		case "severityText":
			dst = otlpMember(dst, "severity", value)
		case "traceId":
			dst = otlpMember(dst, "trace_id", value)
		case "body":
			name := "message"
			if k, _, ok := member(value[1:]); ok && string(k) != "stringValue" {
				name = "logevent"
			}
			dst = append(append(append(dst, '"'), name...), `":`...)
			dst = append(otlpValue(dst, value, maxOTLPDepth), ',')
		case "attributes":
			dst = append(otlpAttributes(append(dst, `"attributes":`...), value, maxOTLPDepth), ',')
		}
	}
	if !timed && seen != nil {
		dst = otlpMember(dst, "timestamp", seen)
	}
	if len(origin) > 0 && origin[0] == '[' {
		dst = append(otlpAttributes(append(dst, `"resource":`...), origin, maxOTLPDepth), ',')
	}
	return append(bytes.TrimSuffix(dst, []byte(",")), '}')
}

// maxOTLPDepth is how deep values are followed.
const maxOTLPDepth = 8

func otlpMember(dst []byte, name string, value []byte) []byte {
	dst = append(append(append(dst, '"'), name...), `":`...)
	return append(append(dst, value...), ',')
}

// otlpAttributes appends the list [{"key":"k","value":{...}},...] as an object.
func otlpAttributes(dst, list []byte, depth int) []byte {
	dst = append(dst, '{')
	for one, rest := nextRecord(list[1:]); one != nil; one, rest = nextRecord(rest) {
		name, value := memberAt(one, []string{"key"}), memberAt(one, []string{"value"})
		if len(name) == 0 || name[0] != '"' || valueEnd(name) < 0 || len(value) == 0 {
			continue
		}
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(append(dst, name[:valueEnd(name)]...), ':')
		dst = otlpValue(dst, value, depth)
	}
	return append(dst, '}')
}

// otlpValue appends an AnyValue, {"stringValue":"x"}, as what it holds.
func otlpValue(dst, any []byte, depth int) []byte {
	null := func() []byte { return append(dst, "null"...) }
	if depth == 0 || any[0] != '{' {
		return null()
	}
	kind, value, ok := member(any[1:])
	if !ok {
		return null()
	}
	switch string(kind) {
	case "kvlistValue":
		if list := memberAt(value, []string{"values"}); len(list) > 0 && list[0] == '[' {
			return otlpAttributes(dst, list, depth-1)
		}
		return null()
	case "arrayValue":
		dst = append(dst, '[')
		for one, rest := nextRecord(inside(value, "values")); one != nil; one, rest = nextRecord(rest) {
			if dst[len(dst)-1] != '[' {
				dst = append(dst, ',')
			}
			dst = otlpValue(dst, one, depth-1)
		}
		return append(dst, ']')
	}
	n := valueEnd(value)
	if n <= 0 || value[0] == '{' || value[0] == '[' {
		return null()
	}
	return append(dst, value[:n]...)
}
