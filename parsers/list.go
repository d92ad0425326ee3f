package parsers

import "bytes"

// listPath says where in a document a list of records stands, by the document's
// first key: CloudTrail and Azure Monitor, CloudWatch Logs (subscriptions, and
// filter-log-events), Elasticsearch, Splunk, Microsoft Graph, and Loki's pushes and
// answers, whose streams are lists themselves. Nil is for all other keys.
func listPath(first []byte) []string {
	switch string(first) {
	case "Records", "records", "events", "results", "value", "streams", "entries", "logs":
		return []string{string(first)}
	case "messageType", "owner", "logGroup":
		return []string{"logEvents"}
	case "searchedLogStreams":
		return []string{"events"}
	case "took", "hits":
		return []string{"hits", "hits"}
	case "preview", "init_offset":
		return []string{"results"}
	case "@odata.context":
		return []string{"value"}
	case "status":
		return []string{"data", "result"}
	}
	return nil
}

// listOf returns what follows the opening bracket where b begins with a document
// that is a list of records, bare or under a name, and the number of brackets
// around them; else nil. A list may be cut off.
func listOf(b []byte) (list []byte, depth int) {
	if len(b) < 16 {
		return nil, 0
	}
	list, depth = b[1:], 1
	if b[0] == '{' {
		first, _, ok := member(b[1:])
		if !ok {
			return nil, 0
		}
		path := listPath(first)
		if path == nil {
			return nil, 0
		}
		if list = memberAt(b, path); list == nil || list[0] != '[' {
			return nil, 0
		}
		list, depth = list[1:], len(path)+1
	} else if b[0] != '[' {
		return nil, 0
	}
	one, _ := nextRecord(list)
	if one == nil {
		return nil, 0
	}
	if key := bytes.TrimLeft(one[1:], spaces); len(key) == 0 || key[0] != '"' {
		return nil, 0
	}
	return list, depth
}

// memberAt returns what stands at a path of keys in the object that b begins with.
func memberAt(b []byte, path []string) []byte {
	for _, name := range path {
		if len(b) == 0 || b[0] != '{' {
			return nil
		}
		rest := b[1:]
		for {
			key, value, ok := member(rest)
			if !ok {
				return nil
			}
			if string(key) == name {
				b = value
				break
			}
			n := valueEnd(value)
			if n < 0 {
				return nil
			}
			rest = value[n:]
		}
	}
	return b
}

// member returns the key that b goes on with, and what follows its colon.
func member(b []byte) (key, value []byte, ok bool) {
	b = bytes.TrimLeft(b, spaces+",")
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	n, _ := stringEnd(b[1:])
	if n < 0 {
		return nil, nil, false
	}
	key, value = b[1:1+n], bytes.TrimLeft(b[n+2:], spaces)
	if len(value) == 0 || value[0] != ':' {
		return nil, nil, false
	}
	value = bytes.TrimLeft(value[1:], spaces)
	return key, value, len(value) > 0
}

// valueEnd returns how long the value at the start of b is, or -1.
func valueEnd(b []byte) int {
	switch b[0] {
	case '{', '[':
		return skipValue(b)
	case '"':
		n, _ := stringEnd(b[1:])
		if n < 0 {
			return -1
		}
		return n + 2
	}
	return bytes.IndexAny(b, ",}]")
}

// records returns the list that an entry's text is, nil where it is none: see
// listOf. A bare list must be whole.
func records(text []byte) []byte {
	if len(text) < 16 || text[0] != '{' && text[0] != '[' || text[0] == '[' && text[1] != '{' && text[1] > ' ' {
		return nil
	}
	if text[0] == '{' && text[1] == '"' { // most are none
		n := bytes.IndexByte(text[2:min(len(text), 24)], '"')
		if n < 0 || listPath(text[2:2+n]) == nil {
			return nil
		}
	}
	list, _ := listOf(text)
	if list != nil && text[0] == '[' && skipValue(text) != len(text) {
		return nil
	}
	return list
}

const spaces = " \t\r\n"

// nextRecord returns the object that list goes on with, nil where there is none,
// and what follows it.
func nextRecord(list []byte) (one, rest []byte) {
	list = bytes.TrimLeft(list, spaces+",")
	if len(list) < 3 || list[0] != '{' {
		return nil, nil
	}
	n := skipValue(list)
	if n < 0 {
		return list, nil
	}
	return list[:n:n], list[n:]
}

// streamLines returns the lines of one of Loki's streams, {"stream":{labels},
// "values":[["nanoseconds","line"],...]}, from behind the opening bracket; nil where
// b is none.
func streamLines(b []byte) []byte {
	key, _, ok := member(b[1:])
	if !ok || string(key) != "stream" && string(key) != "values" {
		return nil
	}
	values := memberAt(b, []string{"values"})
	if len(values) < 2 || values[0] != '[' {
		return nil
	}
	return values[1:]
}

// nextLine appends the line that a stream goes on with as an object to dst, and
// returns what follows it; nil at the end.
func nextLine(dst, values []byte) (one, rest []byte) {
	values = bytes.TrimLeft(values, spaces+",")
	if len(values) == 0 || values[0] != '[' {
		return dst, nil
	}
	n := skipValue(values)
	if n < 0 {
		return dst, nil
	}
	pair := bytes.TrimLeft(values[1:n-1], spaces)
	stamp := -1
	if len(pair) > 0 && pair[0] == '"' {
		stamp = valueEnd(pair)
	}
	if stamp < 0 {
		return dst, nil
	}
	text := bytes.TrimLeft(pair[stamp:], spaces+",")
	if len(text) == 0 || text[0] != '"' {
		return dst, nil
	}
	end := valueEnd(text)
	if end < 0 {
		return dst, nil
	}
	dst = append(append(dst, `{"timestamp":`...), pair[:stamp]...)
	dst = append(append(dst, `,"line":`...), text[:end]...)
	return append(dst, '}'), values[n:]
}

// splunkResult returns the event in a line of Splunk's export,
// {"preview":false,"offset":0,"result":{"_raw":"text",...}}; nil where text is none.
func splunkResult(text []byte) []byte {
	if key, _, ok := member(text[1:]); !ok || string(key) != "preview" && string(key) != "result" {
		return nil
	}
	event := memberAt(text, []string{"result"})
	if memberAt(event, []string{"_raw"}) == nil {
		return nil
	}
	n := valueEnd(event)
	if n < 0 {
		return nil
	}
	return event[:n]
}
