//! all-MiniLM-L6-v2 in this process, on a thread of its own.
//!
//! The thread starts, and the model loads, when the first text arrives; all that use the same weights in one process
//! share both. Questions that somebody waits for are taken together, before batches of the index.

use std::{
    collections::{HashMap, VecDeque},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
};

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use futures::{
    FutureExt,
    channel::oneshot,
    future::{BoxFuture, try_join_all},
};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

use super::{Embedder, EmbeddingError, normalised};

const DIMENSIONS: usize = 384;

/// Texts in one pass through the model.
const BATCH: usize = 16;

/// Word pieces of a text that are read: as many as the model was trained with.
const PIECES: usize = 128;

/// The model, shared by all who use the same weights.
pub struct MiniLm {
    directory: PathBuf,
    desk: Arc<Desk>,
}

/// Where jobs lie until the thread takes them.
#[derive(Default)]
struct Desk {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Somebody waits for these: one text each.
    questions: VecDeque<Job>,
    batches: VecDeque<Job>,
    started: bool,
}

struct Job {
    texts: Vec<String>,
    answer: oneshot::Sender<Answer>,
}

type Answer = Result<Vec<Vec<f32>>, EmbeddingError>;

static SHARED: LazyLock<Mutex<HashMap<PathBuf, Arc<MiniLm>>>> = LazyLock::new(Mutex::default);

impl MiniLm {
    /// The model whose weights are in `directory`. Nothing is read before the first text.
    pub fn shared(directory: PathBuf) -> Arc<Self> {
        let mut shared = locked(&SHARED);
        let made = || Arc::new(Self { directory: directory.clone(), desk: Arc::default() });
        shared.entry(directory.clone()).or_insert_with(made).clone()
    }

    fn send(&self, texts: Vec<String>) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let mut queue = locked(&self.desk.queue);
        let job = Job { texts, answer };
        if job.texts.len() == 1 {
            queue.questions.push_back(job)
        } else {
            queue.batches.push_back(job)
        }
        if !queue.started {
            queue.started = true;
            let (desk, directory) = (self.desk.clone(), self.directory.clone());
            let started = thread::Builder::new().name("embedding".to_owned()).spawn(move || work(&desk, &directory));
            // Without a thread the jobs are dropped, which their senders see.
            if started.is_err() {
                *queue = Queue::default();
            }
        }
        self.desk.arrived.notify_one();
        answered
    }
}

impl Embedder for MiniLm {
    fn model(&self) -> &str {
        "all-MiniLM-L6-v2"
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Answer> {
        // A pass takes as long as its longest text, so texts go together with those of their length.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|place| texts[*place].len());
        let part = |places: &[usize]| places.iter().map(|place| texts[*place].clone()).collect();
        let parts: Vec<_> = order.chunks(BATCH).map(|places| self.send(part(places))).collect();
        async move {
            let parts = parts.into_iter().map(async |part| {
                part.await.unwrap_or_else(|_| Err(EmbeddingError::new("the thread of the model ended")))
            });
            let sorted = try_join_all(parts).await?.concat();
            let mut vectors = vec![Vec::new(); sorted.len()];
            order.into_iter().zip(sorted).for_each(|(place, vector)| vectors[place] = vector);
            Ok(vectors)
        }
        .boxed()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whoever panicked left the queue as it was: every change of it is one operation.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes jobs for ever.
fn work(desk: &Desk, directory: &Path) {
    let mut model = None;
    loop {
        let jobs = next(desk);
        let texts: Vec<String> = jobs.iter().flat_map(|job| job.texts.iter().cloned()).collect();
        // Weights that were not there may come; until then each job is told so.
        let loaded = match &model {
            Some(loaded) => Ok(loaded),
            None => Model::load(directory).map(|loaded| &*model.insert(loaded)),
        };
        let vectors =
            loaded.and_then(|model| model.vectors(texts).map_err(|error| EmbeddingError::new(error.to_string())));
        match vectors {
            Ok(vectors) => {
                let mut vectors = vectors.into_iter();
                for job in jobs {
                    let own = vectors.by_ref().take(job.texts.len()).collect();
                    // Whoever asked may have given up.
                    _ = job.answer.send(Ok(own));
                }
            }
            Err(error) => jobs.into_iter().for_each(|job| _ = job.answer.send(Err(error.clone()))),
        }
    }
}

/// The questions that wait, or the next batch.
fn next(desk: &Desk) -> Vec<Job> {
    let mut queue = locked(&desk.queue);
    loop {
        if !queue.questions.is_empty() {
            let count = queue.questions.len().min(BATCH);
            return queue.questions.drain(..count).collect();
        }
        if let Some(batch) = queue.batches.pop_front() {
            return vec![batch];
        }
        queue = desk.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

struct Model {
    tokenizer: Tokenizer,
    bert: BertModel,
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

impl Model {
    fn load(directory: &Path) -> Result<Self, EmbeddingError> {
        let load = || -> Result<Self, Fault> {
            let config: Config = serde_json::from_slice(&fs::read(directory.join("config.json"))?)?;
            let weights = fs::read(directory.join("model.safetensors"))?;
            let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
            let mut tokenizer = Tokenizer::from_file(directory.join("tokenizer.json"))?;
            tokenizer.with_truncation(Some(TruncationParams { max_length: PIECES, ..TruncationParams::default() }))?;
            tokenizer.with_padding(Some(PaddingParams::default()));
            Ok(Self { tokenizer, bert: BertModel::load(weights, &config)? })
        };
        load().map_err(|error| {
            EmbeddingError::new(format!("the weights in {} cannot be loaded: {error}", directory.display()))
        })
    }

    /// The mean of the vectors of a text's word pieces, with length one.
    fn vectors(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, Fault> {
        let encodings = self.tokenizer.encode_batch(texts, true)?;
        let tensor = |numbers: &dyn Fn(&tokenizers::Encoding) -> Vec<u32>| -> Result<Tensor, Fault> {
            let rows: Vec<Vec<u32>> = encodings.iter().map(numbers).collect();
            Ok(Tensor::new(rows, &Device::Cpu)?)
        };
        let ids = tensor(&|encoding| encoding.get_ids().to_vec())?;
        let mask = tensor(&|encoding| encoding.get_attention_mask().to_vec())?;
        let states = self.bert.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
        let mean = states.broadcast_mul(&mask)?.sum(1)?.broadcast_div(&mask.sum(1)?)?;
        Ok(mean.to_vec2::<f32>()?.into_iter().map(normalised).collect())
    }
}
