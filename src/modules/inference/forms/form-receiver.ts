import { Injectable } from '@nestjs/common';
import { ArrivingForm, type ArrivingFormOptions } from './arriving-form.js';
import { boundaryOf } from './form-boundary.js';
import { loadPartHeadReader } from './part-head.js';
import { Spool } from './spool.js';

export interface FormArrival extends Pick<ArrivingFormOptions, 'source' | 'namesModel' | 'isHashed'> {
  readonly tenantId: string;
  readonly contentType: string;
}

/** Receives the forms of inference calls. */
@Injectable()
export class FormReceiver {
  constructor(private readonly spool: Spool) {}

  /** A form that begins to come. Whoever asks for it closes it. @throws AppError invalid_request without a usable boundary. */
  async open({ tenantId, contentType, ...arrival }: FormArrival): Promise<ArrivingForm> {
    const boundary = boundaryOf(contentType);
    const readHead = await loadPartHeadReader();
    return new ArrivingForm({ ...arrival, boundary, readHead, log: this.spool.open(tenantId) });
  }
}
