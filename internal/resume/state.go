package resume

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"why401/internal/follow"
)

// state is the file's content: a line with the version and the sum of all that
// follows, a line of JSON, and what the trackers of campaigns and of requests save.
type state struct {
	Key    []byte          `json:"key"` // of the hashes of names and addresses
	Places follow.Places   `json:"places"`
	Runs   []figures       `json:"runs"` // the latest last
	Told   map[string]told `json:"told,omitempty"`
	Size   int             `json:"size"` // of what the tracker of campaigns saved

	now       map[string]told // of this run
	campaigns []byte
	requests  []byte
}

const (
	magic   = "why401 report "
	version = 1
	keyLen  = 32
)

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// encode returns the file's content, in parts.
func (s *state) encode() [][]byte {
	s.Size = len(s.campaigns)
	line, err := json.Marshal(s)
	if err != nil {
		panic(err) // there is nothing in it that can't be encoded
	}
	line = append(line, '\n')
	sum := crc32.Update(crc32.Update(crc32.Checksum(line, crcTable), crcTable, s.campaigns), crcTable, s.requests)
	return [][]byte{fmt.Appendf(nil, "%s%d %08x\n", magic, version, sum), line, s.campaigns, s.requests}
}

// decode returns the state, or what is wrong with it.
func decode(data []byte) (st state, why string) {
	head, rest, _ := bytes.Cut(data, []byte{'\n'})
	line, saved, whole := bytes.Cut(rest, []byte{'\n'})
	v, sum := 0, uint32(0)
	_, err := fmt.Sscanf(string(head), magic+"%d %x", &v, &sum)
	switch {
	case v > version:
		return st, "was written by a newer why401"
	case err != nil || v != version || !whole || sum != crc32.Checksum(rest, crcTable), json.Unmarshal(line, &st) != nil, st.Size < 0 || st.Size > len(saved):
		return state{}, "is damaged"
	}
	st.campaigns, st.requests = saved[:st.Size], saved[st.Size:]
	return st, ""
}
