package filestore

import (
	"cmp"
	"path"
	"strings"

	"github.com/larder-go/larder/store"
)

// private is the folder of what is no item. Keys hold no dot, so no item can have this name.
const private = ".larder"

// tempDir is where files are written before they get their names.
const tempDir = private + "/tmp"

// place returns the folder and the first part of the name of a key's files, slash-separated. Between the first part of a
// key and the rest stands a folder of the rest's first two characters, so that no folder grows too large.
func place(key string) (dir, base string) {
	first, rest, ok := strings.Cut(key, "/")
	if !ok {
		return ".", key
	}
	p := path.Join(first, shard(rest), rest)
	return path.Dir(p), path.Base(p)
}

// shard is the folder for the rest of a key.
func shard(rest string) string {
	part, _, _ := strings.Cut(rest, "/")
	return part[:min(2, len(part))]
}

// fileName is the name of a key's file in the given form.
func fileName(key, form string) string {
	dir, base := place(key)
	return path.Join(dir, base+suffix(form))
}

func suffix(form string) string {
	if form == "" {
		return ""
	}
	return "." + form
}

// split takes the last element of a file's name apart. ok says whether it could be an item's.
func split(name string) (base, form string, ok bool) {
	base, form, dotted := strings.Cut(name, ".")
	if dotted && form == "" {
		return "", "", false
	}
	ok = store.CheckKey(base) == nil && store.CheckItem(store.Item{Form: form}) == nil
	return base, form, ok
}

// folderKey turns the parts of a folder's path into the beginning of the keys in it: "e" and "3f" are "e/3f", and "v",
// "07" and "07c1" are "v/07c1/". ok is false for a folder that place never makes.
func folderKey(parts []string) (prefix string, ok bool) {
	switch len(parts) {
	case 0:
		return "", true
	case 1:
		return parts[0] + "/", true
	case 2:
		return parts[0] + "/" + parts[1], len(parts[1]) <= 2
	}
	rest := strings.Join(parts[2:], "/")
	return parts[0] + "/" + rest + "/", shard(rest) == parts[1]
}

// fileKey is the key of the file base in the folder of these parts. ok is false where place would put it elsewhere.
func fileKey(parts []string, base string) (key string, ok bool) {
	switch len(parts) {
	case 0:
		return base, true
	case 1:
		return "", false
	}
	rest := strings.Join(append(parts[2:len(parts):len(parts)], base), "/")
	key = parts[0] + "/" + rest
	return key, shard(rest) == parts[1] && store.CheckKey(key) == nil
}

// compareForms orders the forms of one key's files, the one that counts first: the higher leading number, then the
// longer form. The rest only makes the order total.
func compareForms(a, b string) int {
	x, y := leadingNumber(a), leadingNumber(b)
	return cmp.Or(
		cmp.Compare(len(y), len(x)), // without leading zeros, the longer number is the higher
		cmp.Compare(y, x),
		cmp.Compare(len(b), len(a)),
		cmp.Compare(a, b),
	)
}

// leadingNumber is the digits in front of form without leading zeros, empty where there are none.
func leadingNumber(form string) string {
	end := strings.IndexFunc(form, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(form)
	}
	return strings.TrimLeft(form[:end], "0")
}
