package sqlitestore

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"modernc.org/sqlite"
)

const (
	pageSize = 8192      // bytes; of a new file
	mmapSize = 256 << 20 // bytes of the file that are read through the memory map
	walLimit = 64 << 20  // bytes of the log that are kept after a checkpoint
)

// create makes an empty file with mode 0600 where there is none; SQLite takes it for a new database, and gives its log
// the same mode. The file gets its name when it is closed already: to close a file that SQLite has open, in this process,
// takes SQLite's locks away.
func create(path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%w: it is no regular file", ErrNoDatabase)
	}
	if !errors.Is(err, fs.ErrNotExist) || runtime.GOOS == "windows" {
		return nil
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%w: it is a link to nothing", ErrNoDatabase)
	}
	temp := path + "." + strings.ToLower(rand.Text()) + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(temp)) }()
	if err := f.Close(); err != nil {
		return err
	}
	err = os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	// A file system without links has no modes either, as a rule.
	f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// connect returns a pool of n connections. It opens none yet.
func connect(path string, o Options, n int, reader bool) (*sql.DB, error) {
	c, err := sqlite.NewConnector(location(path, o, reader))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// location is the driver's name for the file: a URI, in which no character of the path has a meaning of its own.
func location(path string, o Options, reader bool) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter of Windows
	}
	q := url.Values{
		"_busy_timeout": {fmt.Sprint(max(1, o.BusyTimeout.Milliseconds()))},
		"_defensive":    {"1"},
		"_error_rc":     {"1"},
		"_txlock":       {"immediate"},
		"_pragma": {
			"synchronous(NORMAL)",
			"trusted_schema(0)",
			fmt.Sprintf("mmap_size(%d)", mmapSize),
			fmt.Sprintf("journal_size_limit(%d)", walLimit),
		},
	}
	if reader {
		q.Add("_pragma", "query_only(1)")
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}
	return u.String()
}
