import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type ts from 'typescript';
import type { Schema, Schemas } from './schema-faults.js';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../node_modules/openai/', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/** Which declarations are read, and where they stand below the package's resources. */
const roots: Readonly<Record<string, readonly string[]>> = {
  'chat/completions/completions': [
    'ChatCompletion',
    'ChatCompletionChunk',
    'ChatCompletionDeleted',
    'ChatCompletionStoreMessage',
    'ChatCompletionCreateParamsBase',
  ],
  completions: ['Completion', 'CompletionCreateParamsBase'],
  'vector-stores/vector-stores': ['VectorStore', 'VectorStoreDeleted', 'VectorStoreSearchResponse'],
  'vector-stores/files': ['VectorStoreFile', 'VectorStoreFileDeleted'],
  'vector-stores/file-batches': ['VectorStoreFileBatch'],
  batches: ['Batch'],
  embeddings: ['CreateEmbeddingResponse', 'EmbeddingCreateParams'],
  images: [
    'ImagesResponse',
    'ImageGenStreamEvent',
    'ImageEditStreamEvent',
    'ImageGenerateParamsBase',
    'ImageEditParamsBase',
    'ImageCreateVariationParams',
  ],
  moderations: ['ModerationCreateResponse', 'ModerationCreateParams'],
  'audio/speech': ['SpeechCreateParams'],
  models: ['Model', 'ModelDeleted'],
  'fine-tuning/jobs/jobs': ['FineTuningJob', 'FineTuningJobEvent'],
  'fine-tuning/jobs/checkpoints': ['FineTuningJobCheckpoint'],
  'audio/transcriptions': [
    'Transcription',
    'TranscriptionVerbose',
    'TranscriptionDiarized',
    'TranscriptionStreamEvent',
    'TranscriptionCreateParamsBase',
  ],
  files: ['FileObject', 'FileDeleted'],
  'uploads/uploads': ['Upload'],
  'uploads/parts': ['UploadPart'],
  'audio/translations': ['Translation', 'TranslationVerbose', 'TranslationCreateParams'],
  'conversations/conversations': ['Conversation', 'ConversationDeletedResource'],
  'conversations/items': ['ConversationItem', 'ConversationItemList'],
  'responses/input-items': ['ResponseItemList'],
  'responses/input-tokens': ['InputTokenCountResponse', 'InputTokenCountParams'],
  shared: ['ErrorObject'],
  'responses/responses': [
    'Response',
    'ResponseStreamEvent',
    'CompactedResponse',
    'ResponseCreateParamsBase',
    'ResponseCompactParams',
  ],
};

/** Members that the client adds to what comes over the wire. */
const ofTheClient = new Set(['Response.output_text']);

/**
 * Schemas of OpenAI's answers, made from the type declarations of the installed package. They are made once for each of its
 * versions and kept beside the installed packages, because reading the declarations takes seconds.
 */
export function schemasOfTypes(): Schemas {
  const { version } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as { readonly version: string };
  // What is read, and the generator's own form: a change of either makes them anew.
  const read = createHash('sha256')
    .update(`2 ${JSON.stringify(roots)}`)
    .digest('hex')
    .slice(0, 12);
  const file = `${cache}openai-${version}-schemas-${read}.json`;
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Schemas;
  const schemas = new TypeReader(require('typescript') as typeof ts).schemas();
  mkdirSync(cache, { recursive: true });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(schemas));
  renameSync(own, file);
  return schemas;
}

/** Reads declarations with TypeScript's compiler. */
class TypeReader {
  private readonly checker: ts.TypeChecker;
  private readonly program: ts.Program;
  private readonly found: Record<string, Schema> = {};

  constructor(private readonly compiler: typeof ts) {
    const { ModuleResolutionKind, ModuleKind, ScriptTarget } = compiler;
    this.program = compiler.createProgram(
      Object.keys(roots).map((root) => `${folder}resources/${root}.d.ts`),
      {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: [],
        target: ScriptTarget.ES2022,
        lib: ['lib.es2022.d.ts'],
        module: ModuleKind.NodeNext,
        moduleResolution: ModuleResolutionKind.NodeNext,
      },
    );
    this.checker = this.program.getTypeChecker();
  }

  schemas(): Schemas {
    for (const [root, names] of Object.entries(roots)) {
      const source = this.program.getSourceFile(`${folder}resources/${root}.d.ts`);
      const module = source === undefined ? undefined : this.checker.getSymbolAtLocation(source);
      const exported = module === undefined ? [] : this.checker.getExportsOfModule(module);
      for (const name of names) {
        const symbol = exported.find((one) => one.name === name);
        if (symbol === undefined) throw new Error(`The package openai declares no ${name} in ${root}.`);
        this.found[name] ??= this.schemaOf(this.checker.getDeclaredTypeOfSymbol(symbol), name);
      }
    }
    return this.found;
  }

  /** @param root the name of a root, which is described and not referred to. */
  private schemaOf(type: ts.Type, root?: string): Schema {
    const { TypeFlags } = this.compiler;
    const { flags } = type;
    if (type.isStringLiteral() || type.isNumberLiteral()) return { enum: [type.value] };
    if (flags & TypeFlags.BooleanLiteral) return { enum: [this.checker.typeToString(type) === 'true'] };
    if (flags & TypeFlags.Null) return { type: 'null' };
    if (flags & TypeFlags.StringLike) return { type: 'string' };
    if (flags & TypeFlags.NumberLike) return { type: 'number' };
    if (flags & TypeFlags.BooleanLike) return { type: 'boolean' };
    if (type.isUnion())
      return unionOf(type.types.filter((one) => !(one.flags & TypeFlags.Undefined)).map((one) => this.schemaOf(one)));
    if (type.isIntersection()) {
      const text = type.types.find((one) => one.flags & TypeFlags.StringLike);
      return text === undefined ? this.objectOf(type, root ?? '') : { type: 'string' };
    }
    if (this.checker.isArrayType(type)) {
      const [item] = this.checker.getTypeArguments(type as ts.TypeReference);
      return { type: 'array', ...(item === undefined ? {} : { items: this.schemaOf(item) }) };
    }
    if (!(flags & TypeFlags.Object)) return {};
    return root === undefined ? this.named(type) : this.objectOf(type, root);
  }

  /** Named types are described once; they may hold themselves. */
  private named(type: ts.Type): Schema {
    const symbol = type.getSymbol();
    const { SymbolFlags } = this.compiler;
    if (symbol === undefined || !(symbol.flags & (SymbolFlags.Interface | SymbolFlags.Class))) return this.objectOf(type, '');
    const place = symbol.declarations?.[0]?.getSourceFile().fileName.split('/resources/').at(-1) ?? '';
    const whole = this.checker.getFullyQualifiedName(symbol).replace(/^".*"\./, '');
    const name =
      roots[place.replace(/\.d\.ts$/, '')]?.includes(whole) === true ? whole : `${place}:${whole}`.replaceAll('/', '.');
    if (this.found[name] === undefined) {
      this.found[name] = {};
      this.found[name] = this.objectOf(type, whole);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  private objectOf(type: ts.Type, name: string): Schema {
    const { SymbolFlags } = this.compiler;
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const symbol of this.checker.getPropertiesOfType(type)) {
      if (ofTheClient.has(`${name}.${symbol.name}`) || symbol.name.startsWith('_')) continue;
      properties[symbol.name] = this.schemaOf(this.checker.getTypeOfSymbol(symbol));
      if (!(symbol.flags & SymbolFlags.Optional)) required.push(symbol.name);
    }
    const index = this.checker.getIndexTypeOfType(type, this.compiler.IndexKind.String);
    const further = index === undefined ? {} : { additionalProperties: this.schemaOf(index) };
    return { type: 'object', properties, required, ...further };
  }
}

/** One list of values where all are such; else each on its own. */
function unionOf(all: readonly Schema[]): Schema {
  const values = all.flatMap((one) => one.enum ?? []);
  const others = all.filter((one) => one.enum === undefined);
  const plain = values.length === 0 ? [] : [{ enum: values }];
  const [only, ...more] = [...plain, ...others];
  return only !== undefined && more.length === 0 ? only : { anyOf: [...plain, ...others] };
}
