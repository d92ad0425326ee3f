//go:build unix

package follow

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// identify returns what tells files apart while they exist, and how many names
// the file has.
func identify(info fs.FileInfo) (id inode, links uint64) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return inode{uint64(st.Dev), uint64(st.Ino)}, uint64(st.Nlink)
	}
	return inode{}, 1
}

// lock takes f for this process, until it is closed.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}

// apart keeps signals of the terminal, such as that of Ctrl-C, from a program.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
