package parsers

import "bytes"

// records returns what follows the opening bracket where text is a list of
// records in one line: {"Records":[{...},{...}]} of CloudTrail, {"records":[...]}
// of Azure Monitor, and a bare [{...},{...}]; else nil. A list may be cut off.
func records(text []byte) []byte {
	if len(text) < 16 {
		return nil
	}
	list := text[1:]
	switch {
	case text[0] == '{' && (text[1] == '"' || text[1] <= ' '):
		list = bytes.TrimLeft(list, spaces)
		if len(list) < 12 || list[0] != '"' || list[1]|0x20 != 'r' || string(list[2:9]) != `ecords"` {
			return nil
		}
		list = bytes.TrimLeft(list[9:], spaces+":")
		if len(list) == 0 || list[0] != '[' {
			return nil
		}
		list = list[1:]
	case text[0] == '[' && text[1] == '{' && text[2] == '"' && skipValue(text) == len(text):
	default:
		return nil
	}
	if one, _ := nextRecord(list); one == nil {
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
