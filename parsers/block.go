package parsers

import "time"

// A Source is one log as the user knows it.
type Source struct {
	Name    string    // log.file.path, "-" for standard input
	Index   int32     // place in the run, from 0
	ModTime time.Time // resolves stamps without a year; zero when unknown
}

// A Block is a run of whole lines of one source: the unit of work. It ends
// before a line that starts an entry, so an entry never lies in two blocks. Its
// cut changes no result.
type Block struct {
	Source *Source
	Line   int64 // number of the first line of Data, from 1

	// Before, Data and After lie one after another in one piece of memory.
	// Data is the block's own; Before and After are for looking around, and
	// what starts there is another block's to report.
	Before []byte // the lines before Data, as many as fit LookBehind; where Part > 0, the bytes before
	Data   []byte
	After  []byte // empty, but in a part of a long line: the bytes that follow

	Frame  Frame  // how Data is divided into entries; its last line may go on in the next block where it isn't Lines
	Head   int    // bytes of Data before its first entry, where the frame isn't Lines
	Column int    // bytes of the line that Data begins in, before Data; of a list in one line
	Header []byte // the line in force at the start of Data that names columns, if any, and the "#Date:" line right before it
	Part   int    // 1, 2, ... for the pieces of a line longer than MaxLine, 0 for ordinary blocks
	Last   bool   // the last piece of a long line
}

const (
	LookBehind = 8 << 10  // bytes of Block.Before, at most
	MaxLine    = 1 << 20  // a longer line is read in pieces of this size
	MaxRecord  = 64 << 10 // bytes of an entry of several lines, past which its lines stand alone
	Overlap    = 64 << 10 // bytes of Before and After of the pieces of a long line
)
