package follow

import (
	"io/fs"
	"os"
	"os/exec"
)

// identify knows no inodes here: files are told apart by their first bytes alone.
func identify(fs.FileInfo) (id inode, links uint64) { return inode{}, 1 }

func lock(*os.File) error { return nil }

// apart keeps signals of the terminal from a program; there is no journal here.
func apart(*exec.Cmd) {}
