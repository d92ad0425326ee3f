package parsers

import (
	"bytes"
	hexcode "encoding/hex"
	"strconv"
)

// traced takes a line of curl --trace or --trace-ascii and reports whether it is one.
func (t *transcript) traced(line []byte) bool {
	if i := bytes.Index(line, []byte("== Info: ")); i >= 0 {
		t.closeSection()
		t.from, t.to = t.number, t.number
		t.said(line[i+len("== Info: "):])
		return true
	}
	if len(line) > 16 && (line[0] == '=' && line[1] == '>' || line[0] == '<' && line[1] == '=') && line[2] == ' ' {
		switch what, _ := cutByte(line[3:], ','); string(what) {
		case "Send header":
			t.open(requestHead)
			return true
		case "Recv header":
			t.open(answerHead)
			return true
		case "Send data":
			t.open(requestBody)
			return true
		case "Recv data":
			t.open(answerBody)
			return true
		case "Send SSL data", "Recv SSL data":
			t.open(plainText)
			return true
		}
	}
	if t.section == nil || len(line) < 6 || line[4] != ':' || line[5] != ' ' {
		return false
	}
	at, err := strconv.ParseUint(string(line[:4]), 16, 32)
	if err != nil {
		return false
	}
	t.to = t.number
	t.chunk(int(at), line[6:])
	return true
}

// open begins a section of a trace.
func (t *transcript) open(state transcriptState) {
	t.closeSection()
	t.state, t.section, t.offset = state, []byte{}, 0
	t.from, t.to = t.number, t.number
}

// chunk adds what stands at an offset of the section. In ASCII a line that ended
// leaves a hole of two.
func (t *transcript) chunk(at int, text []byte) {
	if len(t.section) == 0 && t.state == requestHead {
		t.hex = len(text) > 6 && text[2] == ' ' && text[5] == ' ' && isHex(text[:2]) && isHex(text[3:5])
	}
	switch {
	case len(t.section)+len(text) > maxCaptured:
	case t.hex:
		for text = text[:min(len(text), 3*16)]; len(text) >= 2 && isHex(text[:2]); {
			b, _ := hexcode.DecodeString(string(text[:2]))
			t.section = append(t.section, b...)
			if len(text) < 4 || text[2] != ' ' {
				break
			}
			text = text[3:]
		}
	default:
		if at > t.offset {
			t.section = append(t.section, '\n')
		}
		t.section = append(t.section, text...)
		t.offset = at + len(text)
	}
}

func isHex(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 && c|0x20-'a' > 5 {
			return false
		}
	}
	return len(b) > 0
}

// closeSection takes the lines of a trace's section.
func (t *transcript) closeSection() {
	section, state := t.section, t.state
	t.section, t.state = nil, plainText
	if len(section) == 0 {
		return
	}
	if state == answerBody {
		if t.x != nil {
			t.x.keep(section)
			t.mine()
		}
		return
	}
	for line := range bytes.Lines(section) {
		line = bytes.TrimRight(line, "\r\n")
		switch state {
		case requestHead:
			t.sent(line)
		case answerHead:
			t.got(line)
		}
	}
}
