import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

/**
 * A text in Markdown that somebody else has written: a client, a file, a model. Nothing of it is HTML, and a picture is shown only where
 * its bytes are in the text itself, so that reading it asks no other server for anything.
 */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="flex flex-col gap-3 text-sm leading-relaxed break-words [&_code]:rounded [&_code]:bg-sunken [&_code]:px-1 [&_code]:font-mono [&_code]:text-xs [&_h1]:text-lg [&_h1]:font-semibold [&_h2]:font-semibold [&_h3]:font-semibold [&_ol]:list-decimal [&_ol]:pl-5 [&_pre]:overflow-x-auto [&_pre]:rounded-md [&_pre]:bg-sunken [&_pre]:p-3 [&_pre_code]:p-0 [&_td]:border [&_td]:border-line [&_td]:px-2 [&_td]:py-1 [&_th]:border [&_th]:border-line [&_th]:px-2 [&_th]:py-1 [&_th]:text-left [&_ul]:list-disc [&_ul]:pl-5">
      <ReactMarkdown
        skipHtml
        remarkPlugins={[remarkGfm]}
        urlTransform={(url, key) =>
          key === 'src' ? (/^(?:data:image\/|blob:)/.test(url) ? url : '') : /^(?:https?:|mailto:|#)/.test(url) ? url : ''
        }
        components={{
          a: ({ href, children }) => (
            <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="text-accent-text underline">
              {children}
            </a>
          ),
          pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
          img: ({ src, alt }) =>
            src === undefined || src === '' ? (
              <span className="text-muted">[{alt === '' || alt === undefined ? 'picture' : alt}]</span>
            ) : (
              <img src={src} alt={alt ?? ''} className="max-w-full rounded" />
            ),
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
