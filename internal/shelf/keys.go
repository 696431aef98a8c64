package shelf

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"sync"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

// Key prefixes. docs/format.md states the whole layout.
const (
	entryPrefix   = "e/" // by URL: a record, or the index of its variants
	variantPrefix = "v/" // by generation and selector values: a record
	chunkPrefix   = "b/" // by set and number: a piece of a content
)

// hasher makes keyed hashes, so that neither URLs nor credentials can be guessed from the names in a store. The parts
// of a hash are length-prefixed: different lists of parts never run together.
type hasher struct{ pool sync.Pool }

func newHasher(key []byte) *hasher {
	return &hasher{pool: sync.Pool{New: func() any { return &keyed{mac: hmac.New(sha256.New, key)} }}}
}

type keyed struct {
	mac  hash.Hash
	size [8]byte
	buf  []byte
	sum  [sha256.Size]byte
}

func (k *keyed) add(part string) {
	binary.BigEndian.PutUint64(k.size[:], uint64(len(part)))
	k.mac.Write(k.size[:])
	k.buf = append(k.buf[:0], part...)
	k.mac.Write(k.buf)
}

// hex returns n bytes of the hash over parts as lower-case hexadecimal digits behind prefix.
func (h *hasher) hex(prefix string, n int, parts ...string) string {
	k := h.pool.Get().(*keyed)
	defer h.pool.Put(k)
	k.mac.Reset()
	for _, p := range parts {
		k.add(p)
	}
	k.mac.Sum(k.sum[:0])
	clear(k.buf)
	var text [store.MaxKey]byte
	return string(hex.AppendEncode(append(text[:0], prefix...), k.sum[:n]))
}

// entryKey is where the URL's record or index lies.
func (l *layout) entryKey(url string) string { return l.hash.hex(entryPrefix, 20, "url", url) }

// variantKey is where idx keeps the response to the slot's request.
func (sl *slot) variantKey(idx *record.Index) string {
	parts := make([]string, 0, 2+2*len(idx.Selectors))
	parts = append(parts, "variant", idx.Generation)
	for _, name := range idx.Selectors {
		parts = append(parts, name, sl.value(name))
	}
	return sl.layout.hash.hex(variantPrefix+idx.Generation+"/", 20, parts...)
}

// value is what the slot's request says of the selector name.
func (sl *slot) value(name string) string {
	if strings.HasPrefix(name, ":") {
		for _, s := range sl.query.Select {
			if s.Name == name {
				return s.Value
			}
		}
		return ""
	}
	for _, owned := range sl.query.Owned {
		if strings.EqualFold(owned, name) {
			return "scope " + sl.query.Scope
		}
	}
	return fieldValue(sl.query.Request.Header[http.CanonicalHeaderKey(name)])
}

// fieldValue is a request field's value for comparison: lines joined, white space around commas gone (RFC 9111 §4.1).
func fieldValue(lines []string) string {
	switch len(lines) {
	case 0:
		return "absent"
	case 1:
		if !strings.Contains(lines[0], ",") {
			return "=" + strings.TrimSpace(lines[0])
		}
	}
	items := strings.Split(strings.Join(lines, ","), ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return "=" + strings.Join(items, ",")
}
