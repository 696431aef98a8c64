package filestore_test

import (
	"fmt"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/filestore"
)

func benchStore(b *testing.B, n int, o *filestore.Options) (*filestore.Store, []string) {
	b.Helper()
	st, err := filestore.Open(b.TempDir(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := st.Close(); err != nil {
			b.Error(err)
		}
	})
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("e/%02x%036x", i%256, i)
		it := store.Item{Value: make([]byte, 4096), Form: "1.bin", Group: keys[i], Label: make([]byte, 200)}
		if _, err := st.Put(b.Context(), keys[i], it, store.Absent); err != nil {
			b.Fatal(err)
		}
	}
	return st, keys
}

func BenchmarkGet(b *testing.B) {
	st, keys := benchStore(b, 1000, nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := st.Get(b.Context(), keys[i%len(keys)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetAbsent(b *testing.B) {
	st, keys := benchStore(b, 1000, nil)
	for i := 0; b.Loop(); i++ {
		if _, err := st.Get(b.Context(), keys[i%len(keys)]+"x"); err == nil {
			b.Fatal("found")
		}
	}
}

func BenchmarkPut(b *testing.B) {
	st, keys := benchStore(b, 1000, nil)
	it := store.Item{Value: make([]byte, 4096), Form: "1.bin", Label: make([]byte, 200)}
	for i := 0; b.Loop(); i++ {
		if _, err := st.Put(b.Context(), keys[i%len(keys)], it, store.Any); err != nil {
			b.Fatal(err)
		}
	}
}

// With a limit that is not met.
func BenchmarkGetWithLimit(b *testing.B) {
	st, keys := benchStore(b, 1000, &filestore.Options{MaxBytes: 1 << 30})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := st.Get(b.Context(), keys[i%len(keys)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPutWithLimit(b *testing.B) {
	st, keys := benchStore(b, 1000, &filestore.Options{MaxBytes: 1 << 30})
	it := store.Item{Value: make([]byte, 4096), Form: "1.bin", Label: make([]byte, 200)}
	for i := 0; b.Loop(); i++ {
		if _, err := st.Put(b.Context(), keys[i%len(keys)], it, store.Any); err != nil {
			b.Fatal(err)
		}
	}
}

// Every Put is of a new item in a full store, so that a walk and what it evicts are in the figure.
func BenchmarkPutEvicting(b *testing.B) {
	st, _ := benchStore(b, 1000, &filestore.Options{MaxBytes: 4 << 20})
	for i := 0; b.Loop(); i++ {
		key := fmt.Sprintf("v/%02x%036x", i%256, i)
		it := store.Item{Value: make([]byte, 4096), Form: "1.bin", Group: key, Label: make([]byte, 200)}
		if _, err := st.Put(b.Context(), key, it, store.Absent); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	st, keys := benchStore(b, 1000, nil)
	for b.Loop() {
		n := 0
		for _, err := range st.List(b.Context(), "") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != len(keys) {
			b.Fatal(n)
		}
	}
}
