// Reads and writes Parquet files with implementations that share no code with ours: DuckDB, hyparquet, parquet-wasm (the Rust
// parquet crate). Prints one JSON object per line.
//   node peers.mjs DEPS read  duckdb|hyparquet|wasm FILE...   a digest of every column
//   node peers.mjs DEPS write duckdb|hyparquet|wasm DIR       writes files and prints the digests of what went in
//   node peers.mjs DEPS sql   SQL                             the rows of the answer
//   node peers.mjs DEPS bench FILE CODEC DIR RUNS             one DuckDB thread writes the rows of FILE: seconds and bytes
// DEPS is the folder whose node_modules holds the packages named in package.json.
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [deps, command, ...args] = process.argv.slice(2);
const require = createRequire(resolve(deps, 'package.json'));
const load = name => import(pathToFileURL(require.resolve(name)).href);
const print = value => process.stdout.write(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? Number(v) : v)) + '\n');

// --- Digests: one line of text per value, the same as ColumnDigest.cs writes ---------------------------------------------------

const bits = new DataView(new ArrayBuffer(8));
const hex = (n, digits) => BigInt.asUintN(digits * 4, n).toString(16).padStart(digits, '0');
const float = v => { if (Number.isNaN(v)) return 'nan'; bits.setFloat32(0, v); return hex(BigInt(bits.getUint32(0)), 8); };
const double = v => { if (Number.isNaN(v)) return 'nan'; bits.setFloat64(0, v); return hex(bits.getBigUint64(0), 16); };
const blob = v => Buffer.from(v).toString('hex');
const digest = lines => { const h = createHash('sha256'); for (const line of lines) h.update(line + '\n'); return h.digest('hex'); };
const digestOf = (values, toText) => digest(values.map(v => (v === null || v === undefined ? 'null' : toText(v))));

// --- DuckDB ------------------------------------------------------------------------------------------------------------------

async function duckdb(threads = 2) {
  const { DuckDBInstance } = await load('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'; SET threads = ${threads}; SET preserve_insertion_order = true`);
  return connection;
}

const duckText = {
  BOOLEAN: v => String(v), FLOAT: float, DOUBLE: double, VARCHAR: v => v, BLOB: v => blob(v.bytes), DATE: v => String(v.days),
  DECIMAL: v => String(v.value),
};
const duckValue = type => {
  const name = String(type).replace(/\(.*/, '');
  return duckText[name] ?? (name.startsWith('TIMESTAMP') ? v => String(v.micros) : v => String(v));
};

async function duckRead(file) {
  const connection = await duckdb();
  const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}')`);
  const columns = reader.getColumns();
  return reader.columnNames().map((name, i) => [name, digestOf(columns[i] ?? [], duckValue(reader.columnType(i)))]);
}

async function duckWrite(dir) {
  const connection = await duckdb();
  const select = `SELECT i AS big, CAST(i % 1000 AS INTEGER) AS small, CASE WHEN i % 5 = 0 THEN NULL ELSE i / 7 END AS real,
    CAST(i % 9 AS FLOAT) AS single, i % 3 = 0 AS flag, 'lead ' || (i % 77) AS name, CASE WHEN i % 4 = 0 THEN NULL ELSE 'é' || i END AS text,
    CAST('ab' || i AS BLOB) AS bin, DATE '2024-01-01' + CAST(i % 500 AS INTEGER) AS day, TIMESTAMPTZ '2026-01-01 00:00:00+00' + INTERVAL (i) MILLISECOND AS at,
    CAST(i AS DECIMAL(9, 2)) AS price, CAST(i AS DECIMAL(18, 4)) AS sum FROM range(ROWS) t(i)`;
  const files = [];
  for (const [rows, codec, version] of [[0, 'snappy', 'V1'], [9, 'gzip', 'V1'], [5000, 'zstd', 'V2'], [30000, 'snappy', 'V2'], [30000, 'uncompressed', 'V1']]) {
    const file = join(dir, `duckdb-${rows}-${codec}-${version}.parquet`);
    await connection.run(`COPY (${select.replace('ROWS', rows)}) TO '${file}' (FORMAT parquet, COMPRESSION ${codec}, PARQUET_VERSION ${version}, ROW_GROUP_SIZE 8192)`);
    const reader = await connection.runAndReadAll(select.replace('ROWS', rows));
    const columns = reader.getColumns();
    files.push([file, reader.columnNames().map((name, i) => [name, digestOf(columns[i] ?? [], duckValue(reader.columnType(i)))])]);
  }
  return files;
}

// --- hyparquet ---------------------------------------------------------------------------------------------------------------

async function hyRead(file) {
  const { parquetRead, parquetMetadata, parquetSchema } = await load('hyparquet');
  const { compressors } = await load('hyparquet-compressors');
  const bytes = readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = parquetMetadata(buffer);
  const raw = v => v;
  const parsers = {
    timestampFromMilliseconds: v => v * 1000n, timestampFromMicroseconds: raw, timestampFromNanoseconds: v => v / 1000n, dateFromDays: raw,
    stringFromBytes: v => v && new TextDecoder().decode(v),
  };
  const leaves = parquetSchema(metadata).children.map(child => child.element);
  const columns = new Map(leaves.map(leaf => [leaf.name, []]));
  await parquetRead({
    file: buffer, metadata, compressors, parsers, utf8: false, rowFormat: 'object',
    onComplete: rows => { for (const row of rows) for (const leaf of leaves) columns.get(leaf.name).push(row[leaf.name]); },
  });
  return leaves.map(leaf => [leaf.name, digestOf(columns.get(leaf.name), hyText(leaf))]);
}

const hyText = leaf => {
  if (leaf.converted_type === 'DECIMAL') return v => String(Math.round(v * 10 ** (leaf.scale ?? 0)) + 0);
  if (leaf.type === 'FLOAT') return float;
  if (leaf.type === 'DOUBLE') return double;
  return v => (v instanceof Uint8Array ? blob(v) : String(v));
};

async function hyWrite(dir) {
  const { parquetWriteBuffer } = await load('hyparquet-writer');
  const files = [];
  for (const rows of [1, 9, 2500]) {
    const of = make => Array.from({ length: rows }, (_, i) => make(i));
    const columns = [
      { name: 'delta', type: 'INT32', data: of(i => i * 3 - 7), encoding: 'DELTA_BINARY_PACKED', nullable: false, text: String },
      { name: 'long', type: 'INT64', data: of(i => BigInt(i) ** 3n), encoding: 'DELTA_BINARY_PACKED', nullable: false, text: String },
      { name: 'split', type: 'DOUBLE', data: of(i => i / 3), encoding: 'BYTE_STREAM_SPLIT', nullable: false, text: double },
      { name: 'lengths', type: 'STRING', data: of(i => `name ${i}`), encoding: 'DELTA_LENGTH_BYTE_ARRAY', nullable: false, text: String },
      { name: 'prefixes', type: 'STRING', data: of(i => `prefix ${i}`), encoding: 'DELTA_BYTE_ARRAY', nullable: false, text: String },
      { name: 'few', type: 'STRING', data: of(i => (i % 6 === 1 ? null : `v${i % 5}`)), text: String },
      { name: 'flag', type: 'BOOLEAN', data: of(i => (i % 4 === 0 ? null : i % 3 === 0)), text: String },
      { name: 'at', type: 'TIMESTAMP', data: of(i => new Date(1.7e12 + i)), text: v => String(BigInt(v.getTime()) * 1000n) },
      { name: 'half', type: 'FLOAT16', data: of(i => i % 64), text: float },
    ];
    const file = join(dir, `hyparquet-${rows}.parquet`);
    const columnData = columns.map(({ text, ...column }) => ({ ...column, columnIndex: true }));
    writeFileSync(file, Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 1000, pageSize: 2000 })));
    files.push([file, columns.map(column => [column.name, digestOf(column.data, column.text)])]);
  }
  return files;
}

// --- parquet-wasm ------------------------------------------------------------------------------------------------------------

async function wasmRead(file) {
  const { readParquet } = await load('parquet-wasm');
  const { tableFromIPC } = await load('apache-arrow');
  const table = tableFromIPC(readParquet(readFileSync(file)).intoIPCStream());
  return table.schema.fields.map((field, i) => [field.name, digest(wasmLines(table.getChildAt(i), field.type))]);
}

// The typed arrays beneath: the vectors' own getters turn 64-bit times into lossy numbers.
function* wasmLines(vector, type) {
  const name = String(type);
  for (const data of vector?.data ?? []) {
    for (let i = 0; i < data.length; i++) yield data.getValid(i) ? wasmText(vector, data, i, name) : 'null';
  }
}

function wasmText(vector, data, i, name) {
  if (name.startsWith('Decimal')) {
    let value = 0n;
    for (let word = 3; word >= 0; word--) value = (value << 32n) | BigInt(data.values[i * 4 + word] >>> 0);
    return String(BigInt.asIntN(128, value));
  }
  if (/^(Timestamp|Uint|Int|Date)/.test(name)) return String(data.values[i]);
  if (name === 'Bool') return String(((data.values[(data.offset + i) >> 3] >> ((data.offset + i) & 7)) & 1) === 1);
  if (name === 'Float32') return float(data.values[i]);
  if (name === 'Float64') return double(data.values[i]);
  const bytes = data.values.subarray(Number(data.valueOffsets[i]), Number(data.valueOffsets[i + 1]));
  return /Utf8/.test(name) ? new TextDecoder().decode(bytes) : blob(bytes);
}

async function wasmWrite(dir) {
  const wasm = await load('parquet-wasm');
  const arrow = await load('apache-arrow');
  const files = [];
  for (const [rows, codec, version] of [[0, 'SNAPPY', 'V1'], [7, 'GZIP', 'V2'], [20000, 'ZSTD', 'V2'], [20000, 'SNAPPY', 'V1']]) {
    const of = make => Array.from({ length: rows }, (_, i) => make(i));
    const vector = (values, type) => arrow.vectorFromArray(values, type);
    const table = new arrow.Table({
      int: vector(of(i => i % 100), new arrow.Int32()),
      long: vector(of(i => BigInt(i) * 1000n), new arrow.Int64()),
      unsigned: vector(of(i => 4294967295 - i), new arrow.Uint32()),
      real: vector(of(i => (i % 10 === 3 ? null : i * 0.1)), new arrow.Float64()),
      text: vector(of(i => (i % 3 === 0 ? null : `text ${i % 40}`)), new arrow.Utf8()),
      flag: vector(of(i => i % 2 === 0), new arrow.Bool()),
      at: vector(of(i => 1.7e12 + i), new arrow.TimestampMillisecond()),
    });
    let properties = new wasm.WriterPropertiesBuilder().setCompression(wasm.Compression[codec]).setWriterVersion(wasm.WriterVersion[version])
      .setMaxRowGroupSize(6000);
    if (version === 'V2') properties = properties.setDictionaryEnabled(false);
    const file = join(dir, `wasm-${rows}-${codec}-${version}.parquet`);
    writeFileSync(file, wasm.writeParquet(wasm.Table.fromIPCStream(arrow.tableToIPC(table, 'stream')), properties.build()));
    const millis = of(i => String((1700000000000n + BigInt(i)) * 1000n));
    files.push([file, table.schema.fields.map((field, i) =>
      [field.name, digest(field.name === 'at' ? millis : wasmLines(table.getChildAt(i), field.type))])]);
  }
  return files;
}

// --- Commands ----------------------------------------------------------------------------------------------------------------

const read = { duckdb: duckRead, hyparquet: hyRead, wasm: wasmRead };
const write = { duckdb: duckWrite, hyparquet: hyWrite, wasm: wasmWrite };

if (command === 'read') {
  for (const file of args.slice(1)) print({ file, columns: await read[args[0]](file) });
} else if (command === 'write') {
  for (const [file, columns] of await write[args[0]](args[1])) print({ file, columns });
} else if (command === 'sql') {
  const reader = await (await duckdb()).runAndReadAll(args[0]);
  for (const row of reader.getRowObjectsJson()) print(row);
} else if (command === 'bench') {
  const [file, codec, dir, runs] = args;
  const connection = await duckdb(1);
  await connection.run(`CREATE TABLE t AS SELECT * FROM read_parquet('${file}')`);
  const out = join(dir, `duckdb-${codec}.parquet`);
  const seconds = async sql => { const start = performance.now(); await connection.run(sql); return (performance.now() - start) / 1000; };
  const written = [], taken = [];
  for (let run = 0; run < Number(runs); run++) {
    written.push(await seconds(`COPY t TO '${out}' (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 131072)`));
    taken.push(await seconds(`CREATE OR REPLACE TEMP TABLE copy AS SELECT * FROM read_parquet('${out}')`));
  }
  print({ written, read: taken, bytes: statSync(out).size });
} else {
  console.error('usage: see the head of peers.mjs');
  process.exitCode = 2;
}
