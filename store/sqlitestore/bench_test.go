package sqlitestore_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/larder-go/larder/store"
)

func BenchmarkGet(b *testing.B) {
	st := open(b, filepath.Join(b.TempDir(), "store.db"))
	keys := make([]string, 256)
	for i := range keys {
		keys[i] = fmt.Sprintf("e/%040x", i)
		put(b, st, keys[i], store.Item{Value: make([]byte, 4096), Form: "1.bin", Group: keys[i]}, store.Absent)
	}
	ctx := b.Context()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := st.Get(ctx, keys[i%len(keys)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	st := open(b, filepath.Join(b.TempDir(), "store.db"))
	it := store.Item{Value: make([]byte, 4096), Form: "1.bin"}
	for i := 0; b.Loop(); i++ {
		put(b, st, fmt.Sprintf("e/%040x", i%1000), it, store.Any)
	}
}

func BenchmarkPutLazy(b *testing.B) {
	st := open(b, filepath.Join(b.TempDir(), "store.db"))
	it := store.Item{Value: make([]byte, 4096), Form: "1.bin", Lazy: true}
	for i := 0; b.Loop(); i++ {
		put(b, st, fmt.Sprintf("e/%040x", i%1000), it, store.Any)
	}
}

func BenchmarkPutByMany(b *testing.B) {
	st := open(b, filepath.Join(b.TempDir(), "store.db"))
	it := store.Item{Value: make([]byte, 4096), Form: "1.bin"}
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			put(b, st, fmt.Sprintf("e/%040x", i%1000), it, store.Any)
		}
	})
}

// BenchmarkPutGrouped puts new items in groups of their own, with names like hashes.
func BenchmarkPutGrouped(b *testing.B) {
	st := open(b, filepath.Join(b.TempDir(), "store.db"))
	it := store.Item{Value: make([]byte, 4096), Form: "1.bin"}
	for i := 0; b.Loop(); i++ {
		it.Group = fmt.Sprintf("e/%040x", i*7919%1000003)
		put(b, st, it.Group, it, store.Any)
	}
}
